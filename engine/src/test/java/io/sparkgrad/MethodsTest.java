package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Every method on plain, transposed, one-element, 0-dim and empty tensors, as PyTorch answers
 * ({@code goldens/methods.py}): shapes, types, values, errors, and whether a result is the
 * receiver, shares its numbers, or is a view.
 */
class MethodsTest {
  /** What a case found: PyTorch's answer and ours. */
  private record Found(String call, String theirs, String ours) {
    @Override
    public String toString() {
      return call + ": " + ours + " instead of " + theirs;
    }
  }

  /* Types of scalars, which have a change of their own. */
  private static final Set<String> OPEN = Set.of();

  /** Where ours stays: by the beginning of the call, and what the receiver is. */
  private static final Map<String, String> ON_PURPOSE =
      Map.ofEntries(
          Map.entry("diag[", ""), // an offset past the matrix: "integer multiplication overflow"
          Map.entry("logsumexp[[],false]", ""), // an error about its own output's shape
          Map.entry("softmax", "0"), // of no integers
          Map.entry("logSoftmax", "0"),
          Map.entry("searchsorted", "0"),
          Map.entry("bucketize", "0"),
          Map.entry("kthvalue", "bool -"),
          Map.entry("topk", "bool -"),
          Map.entry("inner", "bool 0"), // products of no bools
          Map.entry("tensordot", "bool 0"),
          Map.entry("indexSelect[\"dim\",\"none\"]", "-"), // memory nobody wrote
          Map.entry(
              "takeAlongDim[\"places\"]", "t"), // refused, since it views what it could reshape
          Map.entry("kron", "t"),
          Map.entry("cross", "-"), // the dimension by another name
          Map.entry("cholesky", "0"), // a vector of no elements as a matrix
          Map.entry("indexFill", "0x0"), // an index into nothing
          Map.entry("addmv", ""), // receivers are checked by a change of their own
          Map.entry("addr", ""),
          Map.entry("static einsum", "")); // of one operand, or without a sum: a view here

  private static final List<Found> DIFFERENT = new ArrayList<>();
  private static int compared;

  private static synchronized List<Found> different() {
    if (compared > 0) return DIFFERENT;
    for (JsonNode c : Goldens.read("methods.json"))
      for (Map.Entry<String, JsonNode> one : c.get("cases").properties()) {
        String name = c.get("op").asText();
        String theirs = one.getValue().asText();
        String ours = answer(name, c.get("args"), one.getKey());
        if (OPEN.contains(name)) continue;
        compared++;
        if (!agree(theirs, ours) && !isOnPurpose(name + c.get("args"), one.getKey()))
          DIFFERENT.add(new Found(name + c.get("args") + " on " + one.getKey(), theirs, ours));
      }
    return DIFFERENT;
  }

  @Test
  void methodsGiveWhatPyTorchGivesOnEveryKindOfTensor() {
    List<Found> different = different();
    if (System.getProperty("sparkgrad.show") != null) different.forEach(System.out::println);
    assertTrue(compared > 10000, "compared " + compared);
    Map<String, Integer> count = new TreeMap<>();
    for (Found f : different)
      count.merge(f.call().substring(0, f.call().indexOf(' ')), 1, Integer::sum);
    assertTrue(different.isEmpty(), () -> different.size() + " differ: " + count);
  }

  private static boolean isOnPurpose(String call, String on) {
    return ON_PURPOSE.entrySet().stream()
        .anyMatch(e -> call.startsWith(e.getKey()) && on.contains(e.getValue()));
  }

  private static boolean agree(String theirs, String ours) {
    if (theirs.startsWith("!") || ours.startsWith("!")) {
      if (!theirs.startsWith("!") || !ours.startsWith("!")) return false;
      boolean names = theirs.startsWith("!Dimension ") && ours.contains("Dimension ");
      return !ours.startsWith("!!") && (!names || ours.contains(theirs.substring(1)));
    }
    String[] a = theirs.split(";", -1);
    String[] b = ours.split(";", -1);
    return a.length == b.length
        && IntStream.range(0, a.length).allMatch(i -> agreeOne(a[i].split(" "), b[i].split(" ")));
  }

  private static boolean agreeOne(String[] a, String[] b) {
    if (a.length != b.length) return false;
    return IntStream.range(0, a.length)
        .allMatch(i -> a[i].equals(b[i]) || i > 1 && close(a[i], b[i]));
  }

  private static boolean close(String a, String b) {
    String[] x = a.split(",");
    String[] y = b.split(",");
    BiPredicate<String, String> same =
        (p, q) -> {
          try {
            double v = Double.parseDouble(p.replace("nan", "NaN").replace("inf", "Infinity"));
            double w = Double.parseDouble(q.replace("nan", "NaN").replace("inf", "Infinity"));
            return v == w
                || v != v && w != w
                || Math.abs(v - w) <= 2e-4 * Math.max(1e-1, Math.abs(v));
          } catch (NumberFormatException e) {
            return p.equals(q);
          }
        };
    return x.length == y.length
        && IntStream.range(0, x.length).allMatch(i -> same.test(x[i], y[i]));
  }

  // ---- what backward needs unchanged

  /* PyTorch keeps a mask, an index or an input for its size, or not what it reshaped; ours keep what they need. */
  private static final Set<String> KEEPS_OTHERS =
      Set.of(
          "cdist",
          "cross",
          "cummax",
          "cummin",
          "dist",
          "floatPower",
          "gather",
          "index",
          "indexFill",
          "kron",
          "maskedScatter",
          "maskedSelect",
          "mean",
          "nansum",
          "pad",
          "put",
          "scatter",
          "take",
          "takeAlongDim");

  @Test
  void aWriteToWhatADerivativeNeedsIsNoticedAndToNothingElse() {
    TreeSet<String> wrong = new TreeSet<>();
    int count = 0;
    for (JsonNode c : Goldens.read("methods.json"))
      for (Map.Entry<String, JsonNode> one : c.get("saves").properties()) {
        String name = c.get("op").asText();
        if (OPEN.contains(name)) continue;
        count++;
        String theirs = one.getValue().asText();
        String ours = saves(name, c.get("args"), one.getKey());
        if (!ours.equals(theirs)
            && !KEEPS_OTHERS.contains(name)
            && !KEEPS_OTHERS.contains(name + c.get("args")))
          wrong.add(
              "%s%s on %s: %s instead of %s"
                  .formatted(name, c.get("args"), one.getKey(), ours, theirs));
      }
    if (System.getProperty("sparkgrad.show") != null) wrong.forEach(System.out::println);
    assertTrue(count > 100, "compared " + count);
    assertEquals("", String.join("\n", wrong));
  }

  private static String saves(String op, JsonNode args, String on) {
    List<String> groups = new ArrayList<>();
    for (int alone = -1; alone < 3; alone++) {
      StringBuilder group = new StringBuilder();
      for (int written = 0; written < 8; written++) {
        String digit = once(op, args, on, alone, written);
        if (digit == null) break;
        group.append(digit);
      }
      groups.add(group.toString());
    }
    return String.join(" ", groups).strip();
  }

  /* Whether backward refuses to run after a write to one operand or result; null for no such case. */
  private static String once(String op, JsonNode args, String on, int alone, int written) {
    String[] parts = on.split(" ");
    int[] shape = shape(parts[0]);
    Integer dim = parts.length > 1 ? Integer.valueOf(parts[1]) : null;
    Given given = new Given(tensor(shape, DType.FLOAT32, false, 0), shape, dim);
    List<Tensor> all;
    List<Tensor> outs;
    try {
      Method m = find(op, args, given);
      given.others().clear();
      Object[] values = bind(m, args, given);
      List<Tensor> made = given.all();
      List<Tensor> floats = made.stream().filter(t -> t.dtype().isFloatingPoint()).toList();
      if (alone >= floats.size()) return null;
      for (int i = 0; i < floats.size(); i++)
        if (alone < 0 || i == alone) floats.get(i).requiresGrad_();
      Map<Tensor, Tensor> back = new IdentityHashMap<>();
      for (Tensor t : made) back.put(t, t.requiresGrad() ? t.mul(1L) : t);
      for (int i = 0; i < values.length; i++) values[i] = replaced(values[i], back);
      outs = tensors(m.invoke(back.get(given.x()), values));
      all = new ArrayList<>(made.stream().map(back::get).toList());
    } catch (ReflectiveOperationException e) {
      return e.getCause() == null ? null : "! " + e.getCause();
    }
    List<Tensor> of = outs.stream().filter(Tensor::requiresGrad).toList();
    if (of.isEmpty() || outs.stream().anyMatch(all::contains)) return null;
    all.addAll(outs);
    if (written >= all.size()) return null;
    Tensor loss = of.stream().map(t -> t.mul(1L).sum()).reduce(Tensor::add).orElseThrow();
    try (var quiet = Grad.noGrad()) {
      all.get(written).zero_();
    }
    try {
      loss.backward();
      return "0";
    } catch (io.sparkgrad.autograd.AutogradException e) {
      return e.getMessage().contains("modified by an inplace") ? "1" : "-";
    }
  }

  private static Object replaced(Object value, Map<Tensor, Tensor> by) {
    if (value instanceof Tensor t) return by.getOrDefault(t, t);
    if (value instanceof Tensor[] all)
      return Arrays.stream(all).map(t -> by.getOrDefault(t, t)).toArray(Tensor[]::new);
    if (value instanceof List<?> all)
      return all.stream().map(t -> by.getOrDefault((Tensor) t, (Tensor) t)).toList();
    return value;
  }

  // ---- our answer

  private static String answer(String op, JsonNode args, String on) {
    String[] parts = on.split(" ");
    boolean transposed = parts[1].endsWith("t");
    int[] shape = shape(transposed ? parts[1].substring(0, parts[1].length() - 1) : parts[1]);
    DType dtype = DType.valueOf(parts[0].toUpperCase(Locale.ROOT));
    Integer dim = parts.length > 2 ? Integer.valueOf(parts[2]) : null;
    Tensor x = tensor(shape, dtype, transposed, 0);
    Given given = new Given(x, shape, dim);
    try {
      List<Tensor> results = call(op, args, given);
      return String.join(";", results.stream().map(t -> text(x, t)).toList());
    } catch (NoSuchMethodException e) {
      return "!! no such method";
    } catch (IndexOutOfBoundsException
        | IllegalArgumentException
        | IllegalStateException
        | ArithmeticException
        | UnsupportedOperationException e) {
      boolean javas = e instanceof ArrayIndexOutOfBoundsException || e.getMessage() == null;
      return (javas ? "!! " : "!") + (javas ? e : e.getMessage());
    } catch (RuntimeException e) {
      return "!! " + e;
    }
  }

  /* Marks as in the golden; a view is what refuses detach_(). */
  private static String text(Tensor x, Tensor t) {
    StringBuilder out = new StringBuilder(t.dtype().toString().substring("torch.".length()));
    out.append(' ')
        .append(
            t.dim() == 0
                ? "-"
                : String.join("x", Arrays.stream(t.shape()).mapToObj(String::valueOf).toList()));
    if (t == x) out.append(" self");
    if (t.storage().sharesWith(x.storage())) out.append(" shares");
    if (isView(t)) out.append(" view");
    if (t.numel() > 0 && t.numel() <= 6) {
      List<String> values = new ArrayList<>();
      for (double v : t.toDoubles()) values.add(number(v, t.dtype()));
      out.append(' ').append(String.join(",", values));
    }
    return out.toString();
  }

  private static String number(double v, DType type) {
    if (type == DType.BOOL) return v != 0 ? "true" : "false";
    return type.isFloatingPoint() ? String.valueOf(v) : String.valueOf((long) v);
  }

  private static boolean isView(Tensor t) {
    try {
      t.detach_();
      return false;
    } catch (io.sparkgrad.autograd.AutogradException e) {
      return true;
    }
  }

  private static int[] shape(String text) {
    return text.equals("-")
        ? new int[0]
        : Arrays.stream(text.split("x")).mapToInt(Integer::parseInt).toArray();
  }

  /** The numbers that the golden's script makes. */
  static Tensor tensor(int[] shape, DType dtype, boolean transposed, int seed) {
    int n = Shape.numel(shape);
    double[] v = new double[n];
    for (int i = 0; i < n; i++)
      v[i] =
          dtype == DType.BOOL
              ? (i + seed + 1) % 2
              : ((i * 5 + 2 + seed) % 7 + 1) / (dtype.isFloatingPoint() ? 4.0 : 1);
    if (!transposed) return Tensor.of(v, shape).to(dtype).detach();
    int[] back = IntStream.range(0, shape.length).map(d -> shape.length - 1 - d).toArray();
    int[] turned = Arrays.stream(back).map(d -> shape[d]).toArray();
    return Tensor.of(v, turned).to(dtype).permute(back).detach();
  }

  /** The receiver, and the other tensors of a call as they are made. */
  private record Given(Tensor x, int[] shape, Integer dim, List<Tensor> others) {
    Given(Tensor x, int[] shape, Integer dim) {
      this(x, shape, dim, new ArrayList<>());
    }

    /** All in the order in which the golden's script makes them. */
    List<Tensor> all() {
      List<Tensor> all = new ArrayList<>(List.of(x));
      all.addAll(others);
      return all;
    }

    /* Null for one that cannot be what a parameter of this type takes. */
    Object argument(JsonNode a, Class<?> type) {
      if (a.isTextual()) return named(a.asText(), type);
      if (a.isArray()) return list(a, type);
      if (a.isBoolean()) return type == boolean.class ? a.asBoolean() : null;
      if (a.isInt()) return number(a.asInt(), type);
      if (a.isNumber() && type == double.class) return a.asDouble();
      return a.isNull() && type == Tensor.class ? NULL : null;
    }

    private Object number(int v, Class<?> type) {
      if (type == int.class) return v;
      if (type == long.class) return (long) v;
      return type == double.class ? (Object) (double) v : null;
    }

    private Object list(JsonNode a, Class<?> type) {
      if (type == int[].class && (a.isEmpty() || a.get(0).isInt()))
        return IntStream.range(0, a.size()).map(i -> a.get(i).asInt()).toArray();
      boolean tensors = !a.isEmpty() && a.get(0).isTextual();
      if (!tensors) return null;
      List<Tensor> all = new ArrayList<>();
      for (JsonNode t : a) all.add((Tensor) named(t.asText(), Tensor.class));
      if (type == List.class) return all;
      return type == Tensor[].class ? all.toArray(Tensor[]::new) : null;
    }

    private Object named(String a, Class<?> type) {
      if (a.startsWith("dtype:"))
        return type == DType.class ? DType.valueOf(a.substring(6).toUpperCase(Locale.ROOT)) : null;
      if (a.equals("dim")) return number(dim, type);
      if (type == double.class && a.endsWith("inf"))
        return a.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
      Tensor t = tensor(a);
      if (type == Tensor.class && t != null && t != x) others.add(t);
      if (type == Tensor.class) return t;
      return type == String.class && t == null ? a : null;
    }

    private Tensor tensor(String a) {
      DType t = x.dtype();
      return switch (a) {
        case "same" -> MethodsTest.tensor(shape, t, false, 3);
        case "self" -> x;
        case "zero" -> MethodsTest.tensor(new int[0], t, false, 1);
        case "one" -> MethodsTest.tensor(new int[] {1}, t, false, 1);
        case "row" ->
            MethodsTest.tensor(
                Arrays.copyOfRange(shape, Math.max(0, shape.length - 1), shape.length),
                t,
                false,
                1);
        case "swapped" -> MethodsTest.tensor(swapped(shape), t, false, 1);
        case "mask" -> MethodsTest.tensor(shape, DType.BOOL, false, 0);
        case "index" -> Tensor.zeros(DType.INT64, shape);
        case "places" -> Tensor.zeros(DType.INT64, 1);
        case "none" -> Tensor.zeros(DType.INT64, 0);
        case "place" -> Tensor.zeros(DType.INT64);
        case "none_" -> Tensor.zeros(t, 0);
        default -> null;
      };
    }
  }

  private static int[] swapped(int[] shape) {
    int[] out = shape.clone();
    int n = out.length;
    if (n > 1) {
      out[n - 1] = shape[n - 2];
      out[n - 2] = shape[n - 1];
    }
    return out;
  }

  private static final Object NULL = new Object();

  private static List<Tensor> call(String op, JsonNode args, Given given)
      throws NoSuchMethodException {
    return invoke(find(op, args, given), given.x(), args, given);
  }

  /* The method of the name that takes these arguments; a static one is marked. */
  private static Method find(String op, JsonNode args, Given given) throws NoSuchMethodException {
    boolean isStatic = op.startsWith("static ");
    String name = isStatic ? op.substring(7) : op;
    return Arrays.stream(Tensor.class.getMethods())
        .filter(m -> m.getName().equals(name) && !m.isBridge())
        .filter(m -> Modifier.isStatic(m.getModifiers()) == isStatic)
        .filter(m -> bind(m, args, given) != null)
        .min(Comparator.comparingInt(MethodsTest::doubles))
        .orElseThrow(() -> new NoSuchMethodException(op));
  }

  private static List<Tensor> invoke(Method m, Tensor x, JsonNode args, Given given) {
    try {
      return tensors(m.invoke(x, bind(m, args, given)));
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException thrown) throw thrown;
      throw new AssertionError(e.getCause());
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  /* A whole number is rather an int or a long than a double. */
  private static int doubles(Method m) {
    return (int) Arrays.stream(m.getParameterTypes()).filter(t -> t == double.class).count();
  }

  private static Object[] bind(Method m, JsonNode args, Given given) {
    if (m.getParameterCount() != args.size()) return null;
    Object[] values = new Object[args.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = given.argument(args.get(i), m.getParameterTypes()[i]);
      if (values[i] == null) return null;
      if (values[i] == NULL) values[i] = null;
    }
    return values;
  }

  private static List<Tensor> tensors(Object out)
      throws InvocationTargetException, IllegalAccessException {
    if (out instanceof Tensor t) return List.of(t);
    if (out instanceof List<?> parts) return parts.stream().map(Tensor.class::cast).toList();
    List<Tensor> all = new ArrayList<>();
    for (var part : ((Record) out).getClass().getRecordComponents())
      all.add((Tensor) part.getAccessor().invoke(out));
    return all;
  }
}
