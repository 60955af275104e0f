package io.sparkgrad.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.sparkgrad.fuzz.Comparison.Disagreement;
import io.sparkgrad.fuzz.Comparison.Level;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A disagreement of a small program, and all that sparkgrad saw of the program. */
record Finding(Program program, Disagreement disagreement, JsonNode ours) {
  boolean isAbout(String what) {
    return disagreement.what().equals(what) || disagreement.what().startsWith(what + " of ");
  }

  boolean ofGraph() {
    return disagreement.level() == Level.GRAPH;
  }

  /** PyTorch's error, or nothing. */
  String torchError() {
    return disagreement.torch().path("error").asText();
  }

  String ourError() {
    return disagreement.ours().path("error").asText();
  }

  // ---- the program

  /** The statement that disagrees; none at the end of the program. */
  Optional<Statement> statement() {
    int i = disagreement.statement();
    return i < 0 ? Optional.empty() : Optional.of(program.statements().get(i));
  }

  /**
   * The statement that disagrees as a call of one of the methods, in place or not; none named for
   * any.
   */
  Optional<Statement.Call> call(String... methods) {
    return statement()
        .filter(s -> s instanceof Statement.Call)
        .map(s -> (Statement.Call) s)
        .filter(c -> methods.length == 0 || List.of(methods).contains(method(c)));
  }

  /** All calls of the methods, in place or not; of none named, all calls. */
  Stream<Statement.Call> calls(String... methods) {
    return of(Statement.Call.class)
        .filter(c -> methods.length == 0 || List.of(methods).contains(method(c)));
  }

  <S extends Statement> Stream<S> of(Class<S> kind) {
    return program.statements().stream().filter(kind::isInstance).map(kind::cast);
  }

  /** What is called, without the underscore of the in-place form. */
  static String method(Statement.Call c) {
    return isInPlace(c) ? c.method().substring(0, c.method().length() - 1) : c.method();
  }

  static boolean isInPlace(Statement.Call c) {
    return c.method().endsWith("_");
  }

  /** Whether it disagrees about what a backward gives, or what is left of one. */
  boolean ofGradients() {
    return statement().map(s -> !(s instanceof Statement.Call)).orElse(true);
  }

  /**
   * The statements from the one that made it on that lead to a tensor, receiver by receiver, or
   * first argument.
   */
  Stream<Statement> receivers(String name) {
    if (name == null) return Stream.empty();
    String id = name.replaceAll("\\..*", "");
    Optional<Statement> made =
        program.statements().stream().filter(s -> s.id().equals(id)).findFirst();
    return made.stream()
        .flatMap(
            s ->
                s instanceof Statement.Call c && !c.reads().isEmpty()
                    ? Stream.concat(receivers(c.reads().get(0)), Stream.of(s))
                    : Stream.of(s));
  }

  /** The statement where the way back by receivers ends, for tensors that share its numbers. */
  String root(String name) {
    return receivers(name).findFirst().map(Statement::id).orElse("");
  }

  /** The names of a tensor: its own, and those of writes to it, which give it again. */
  Stream<String> names(String name) {
    String first = name;
    for (JsonNode same = tensor(first).path("same"); same.isTextual(); )
      same = tensor(first = same.asText()).path("same");
    return Stream.of(name, first).distinct();
  }

  /** The tensors of a call, its receiver first. */
  static Stream<String> operands(Statement.Call c) {
    return Stream.concat(
        Stream.ofNullable(c.self()), c.arguments().stream().flatMap(a -> a.names().stream()));
  }

  // ---- numbers

  static boolean isOdd(double x) {
    return x == 0 || !Double.isFinite(x);
  }

  static boolean hasNan(double... numbers) {
    return Arrays.stream(numbers).anyMatch(Double::isNaN);
  }

  /** A tensor as it was when it was made. */
  JsonNode tensor(String name) {
    if (name == null) return MissingNode.getInstance();
    String id = name.replaceAll("\\..*", "");
    for (int i = 0; i < program.statements().size(); i++) {
      if (!program.statements().get(i).id().equals(id)) continue;
      JsonNode seen = ours.get("statements").get(i);
      return id.equals(name)
          ? seen.path("tensor")
          : seen.path("several").path(Integer.parseInt(name.substring(id.length() + 1)));
    }
    return MissingNode.getInstance();
  }

  String dtype(String name) {
    return tensor(name).path("dtype").asText();
  }

  int[] shape(String name) {
    JsonNode shape = tensor(name).path("shape");
    return IntStream.range(0, shape.size()).map(k -> shape.get(k).asInt()).toArray();
  }

  double[] numbers(String name) {
    return numbers(tensor(name).path("values"));
  }

  private static double[] numbers(JsonNode values) {
    return IntStream.range(0, values.size()).mapToDouble(k -> number(values.get(k))).toArray();
  }

  private static double number(JsonNode v) {
    return v.isBoolean()
        ? v.asBoolean() ? 1 : 0
        : v.isTextual() ? Double.parseDouble(v.asText()) : v.doubleValue();
  }

  /** Numbers that an argument has: its own, or those of the tensor that it names. */
  double[] numbers(Argument a) {
    if (a.value() instanceof Number n) return new double[] {n.doubleValue()};
    return a.kind().equals("tensor") ? numbers((String) a.value()) : new double[0];
  }

  /** Whether it disagrees about numbers of which each pair that differs is such. */
  boolean differ(BiPredicate<Double, Double> torchAndOurs) {
    if (!isAbout("values")) return false;
    double[] t = numbers(disagreement.torch());
    double[] o = numbers(disagreement.ours());
    if (t.length != o.length) return false;
    return IntStream.range(0, t.length)
        .filter(k -> Double.compare(t[k], o[k]) != 0)
        .allMatch(k -> torchAndOurs.test(t[k], o[k]));
  }

  /** Where the numbers differ, in row-major order. */
  Set<Integer> differing() {
    double[] t = numbers(disagreement.torch());
    double[] o = numbers(disagreement.ours());
    Set<Integer> places = new HashSet<>();
    for (int k = 0; k < Math.min(t.length, o.length); k++) if (t[k] != o[k]) places.add(k);
    return places;
  }

  static boolean close(double a, double b, double relative) {
    return Math.abs(a - b) <= relative * Math.max(Math.abs(a), Math.abs(b));
  }

  /** Whether the numbers are the same ones in another order. */
  boolean isReordered() {
    double[] t = numbers(disagreement.torch());
    double[] o = numbers(disagreement.ours());
    Arrays.sort(t);
    Arrays.sort(o);
    return t.length == o.length
        && IntStream.range(0, t.length)
            .allMatch(k -> Double.compare(t[k], o[k]) == 0 || close(t[k], o[k], 1e-6));
  }

  /** Whether a leaf, or a view by its sizes, shows a number twice. */
  static boolean overlaps(Statement s) {
    if (s instanceof Statement.Leaf leaf && leaf.strides() != null)
      return overlaps(leaf.shape(), leaf.strides());
    if (!(s instanceof Statement.Call c)) return false;
    return switch (c.method().toLowerCase(Locale.ROOT)) {
      case "unfold" -> ints(c.arguments().get(1))[0] > ints(c.arguments().get(2))[0];
      case "asstrided" -> overlaps(ints(c.arguments().get(0)), ints(c.arguments().get(1)));
      default -> false;
    };
  }

  private static int[] ints(Argument a) {
    if (a.value() instanceof Number n) return new int[] {n.intValue()};
    return ((List<?>) a.value()).stream().mapToInt(n -> ((Number) n).intValue()).toArray();
  }

  private static boolean overlaps(int[] shape, int[] strides) {
    Set<Integer> offsets = Set.of(0);
    int count = 1;
    for (int d = 0; d < shape.length; d++) {
      Set<Integer> more = new HashSet<>();
      for (int at : offsets) for (int i = 0; i < shape[d]; i++) more.add(at + i * strides[d]);
      offsets = more;
      count *= shape[d];
    }
    return offsets.size() < count;
  }
}
