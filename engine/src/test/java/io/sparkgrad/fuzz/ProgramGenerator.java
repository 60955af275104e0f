package io.sparkgrad.fuzz;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * Makes random programs. Each statement runs in sparkgrad as soon as it is drawn, so that the next
 * one knows the tensors there are.
 */
final class ProgramGenerator {
  private static final Set<String> VIEWS =
      Set.of(
          "view",
          "reshape",
          "flatten",
          "t",
          "transpose",
          "permute",
          "expand",
          "unsqueeze",
          "squeeze",
          "slice",
          "select",
          "narrow",
          "diagonal",
          "unfold",
          "split",
          "chunk",
          "unbind",
          "asStrided",
          "movedim",
          "unflatten",
          "detach",
          "tensorSplit");
  /* Without a derivative in PyTorch 1.13, or an untrue one: there is nothing to compare ours with. */
  private static final Set<String> WITHOUT_DERIVATIVE =
      Set.of("aminmax", "bincount", "floorDivide", "floorDivide_", "heaviside", "heaviside_");
  /* What half types are for: to be stored; the rest says "cast first". */
  private static final Set<String> STORES =
      Set.of(
          "to",
          "clone",
          "copy_",
          "detach",
          "contiguous",
          "fill_",
          "zero_",
          "eq",
          "ne",
          "lt",
          "le",
          "gt",
          "ge",
          "equal",
          "zerosLike",
          "onesLike",
          "fullLike",
          "emptyLike",
          "cat",
          "stack",
          "numel",
          "dim",
          "size",
          "shape",
          "dtype",
          "item",
          "toDoubles",
          "toFloats");
  private static final int MOST_ELEMENTS = 400;

  private final Draw draw;
  private final Leaves leaves;
  private final Parameters parameters;
  private final Operands operands;
  private final SparkgradRun run;
  private final Deck deck;
  private final long seed;
  private final List<Statement> statements = new ArrayList<>();
  private final List<String> hooks = new ArrayList<>();
  /* Few are inputs of Autograd.grad, of which hooks see nothing in PyTorch 1.13. */
  private final Set<Tensor> hooked = Collections.newSetFromMap(new IdentityHashMap<>());
  private int names;

  private ProgramGenerator(long seed, Deck deck) {
    this.seed = seed;
    this.deck = deck;
    this.draw = new Draw(seed);
    this.leaves = new Leaves(draw);
    this.parameters = new Parameters(draw, leaves);
    this.run = new SparkgradRun(seed);
    this.operands = new Operands(draw, leaves, parameters, run.alive(), this::addLeaf);
  }

  /** A program and what it gave in sparkgrad. */
  record Generated(Program program, com.fasterxml.jackson.databind.node.ObjectNode observations) {}

  static Generated generate(long seed, Deck deck) {
    ProgramGenerator g = new ProgramGenerator(seed, deck);
    g.generate();
    return new Generated(new Program(seed, g.statements), g.run.observations());
  }

  /** All methods in turn, shuffled: none is forgotten. */
  static final class Deck {
    private final List<Method> all;
    private final List<Method> views;
    private final List<Method> writes;
    private final Draw draw;
    private List<Method> left = new ArrayList<>();

    Deck(List<Method> all, long seed) {
      this.all = all;
      this.draw = new Draw(seed);
      this.views = all.stream().filter(m -> VIEWS.contains(m.getName())).toList();
      this.writes = all.stream().filter(m -> m.getName().endsWith("_")).toList();
    }

    private Method next() {
      if (draw.chance(0.14) && !views.isEmpty()) return draw.of(views);
      if (draw.chance(0.1) && !writes.isEmpty()) return draw.of(writes);
      if (left.isEmpty()) left = draw.shuffled(all);
      return left.remove(left.size() - 1);
    }
  }

  private void generate() {
    for (int i = draw.between(1, 2); i > 0; i--)
      addLeaf(
          id ->
              leaves.leaf(
                  id, draw.chance(0.75) ? leaves.floating() : leaves.dtype(), leaves.shape()));
    for (int i = draw.between(1, 6); i > 0; i--) {
      double p = draw.real(0, 1);
      if (p < 0.86) call(deck.next());
      else if (p < 0.93) hook();
      else differentiate();
    }
    if (draw.chance(0.85)) differentiate();
    if (draw.chance(0.2)) call(deck.next());
    if (draw.chance(0.15)) differentiate();
  }

  private String id() {
    return "t" + names++;
  }

  private boolean add(Statement s) {
    statements.add(s);
    return run.execute(s);
  }

  private String addLeaf(Function<String, Statement.Leaf> leaf) {
    Statement.Leaf s = leaf.apply(id());
    add(s);
    return s.id();
  }

  // ---- calls

  private void call(Method m) {
    boolean isStatic = Modifier.isStatic(m.getModifiers());
    Map<String, Argument> given = operands.of(m);
    String self =
        isStatic
            ? null
            : given.containsKey("self")
                ? (String) given.get("self").value()
                : operands.receiver(m.getName());
    Tensor x = self == null ? null : run.alive().get(self);
    if (self != null && (x == null || x.numel() > MOST_ELEMENTS)) return;
    Map<String, Argument> arguments = new HashMap<>();
    List<Argument> all = new ArrayList<>();
    for (Parameter p : m.getParameters()) {
      Argument a =
          given.containsKey(p.getName()) ? given.get(p.getName()) : argument(m, p, self, arguments);
      arguments.put(p.getName(), a);
      all.add(a);
    }
    if (!stores(m.getName()) && (isHalf(self) || all.stream().anyMatch(this::isHalf))) return;
    double q = draw.real(0, 1);
    String mode =
        WITHOUT_DERIVATIVE.contains(m.getName()) || q < 0.05
            ? "noGrad"
            : q < 0.06 ? "inferenceMode" : q < 0.065 ? "enableGrad" : null;
    add(
        new Statement.Call(
            id(), m.getName(), self, Catalog.types(m), Catalog.parameters(m), all, mode));
  }

  private static boolean stores(String method) {
    return STORES.contains(method) || VIEWS.contains(method);
  }

  private boolean isHalf(Argument a) {
    return a.names().stream().anyMatch(this::isHalf);
  }

  private boolean isHalf(String name) {
    Tensor t = name == null ? null : run.alive().get(name);
    return t != null && t.dtype().isFloatingPoint() && !t.dtype().isComputed();
  }

  private Argument argument(Method m, Parameter p, String self, Map<String, Argument> before) {
    Class<?> type = p.getType();
    boolean tensors = type == Tensor.class || type == Tensor[].class || type == List.class;
    if (tensors) return operands.draw(m, p, self, before);
    if (m.getName().equals("of") && type == DType.class)
      return new Argument("dtype", draw.of("float64", "float32", "int64", "int32", "bool"));
    if (m.getName().equals("of") && type == Object.class)
      return numbers((String) before.get("dtype").value());
    boolean array =
        type.isArray() && (p.getName().equals("numbers") || p.getName().equals("values"));
    if (type == double[][].class) {
      int columns = draw.between(0, 3);
      List<Object> rows = new ArrayList<>();
      for (int i = draw.between(1, 3); i > 0; i--) rows.add(leaves.values("float64", columns));
      return new Argument("rows", rows);
    }
    if (array) return numbers(dtype(type));
    int[] shape =
        self != null
            ? run.alive().get(self).shape()
            : hasNumbers(before)
                ? new int[] {((List<?>) before.get("numbers").value()).size()}
                : new int[0];
    if (hasNumbers(before) && type == int[].class)
      return Argument.sizes(fitting(m, before, shape[0]));
    return parameters.draw(m.getName(), p, shape, before);
  }

  private static boolean hasNumbers(Map<String, Argument> before) {
    return before.containsKey("numbers") && before.get("numbers").value() instanceof List<?>;
  }

  private int[] fitting(Method m, Map<String, Argument> before, int n) {
    if (m.getName().equals("slice")) {
      int rest = Math.max(0, n - ((Number) before.get("from").value()).intValue());
      return new int[] {draw.chance(0.1) ? rest + 1 : rest};
    }
    if (draw.chance(0.05)) return leaves.shape();
    return draw.of(
        new int[] {n}, new int[] {1, n}, new int[] {n, 1}, n == 1 ? new int[0] : new int[] {n});
  }

  private static String dtype(Class<?> array) {
    if (array == double[].class) return "float64";
    if (array == float[].class) return "float32";
    if (array == long[].class) return "int64";
    return array == int[].class ? "int32" : "bool";
  }

  private Argument numbers(String dtype) {
    List<Object> values = leaves.values(dtype, draw.between(0, 5));
    if (dtype.equals("float32")) values.replaceAll(v -> (double) ((Double) v).floatValue());
    String kind =
        Map.of(
                "float64",
                "doubles",
                "float32",
                "floats",
                "int64",
                "longs",
                "int32",
                "ints",
                "bool",
                "booleans")
            .get(dtype);
    return new Argument(kind, values);
  }

  // ---- hooks and derivatives

  private void hook() {
    if (!hooks.isEmpty() && draw.chance(0.15)) {
      add(new Statement.Unhook(id(), draw.of(hooks)));
      return;
    }
    String on = operands.existing(draw.chance(0.95) ? Tensor::requiresGrad : t -> true);
    if (on == null) return;
    String what = draw.of("observe", "double", "ones", "square");
    boolean node = draw.chance(0.3) && !run.alive().get(on).isLeaf();
    String kind = node ? draw.of("pre:", "post:") + what : what;
    String id = id();
    if (!add(new Statement.Hook(id, on, kind))) return;
    hooks.add(id);
    if (!node) hooked.add(run.alive().get(on));
  }

  private void differentiate() {
    String on = operands.existing(t -> t.requiresGrad() && !isGone(t) && !t.isLeaf());
    if (on == null) {
      if (draw.chance(0.9)) return;
      on = operands.existing(t -> true);
    }
    Tensor t = run.alive().get(on);
    if (t.numel() != 1 && draw.chance(0.5)) {
      String sum = id();
      if (!add(new Statement.Call(sum, "sum", on, List.of(), List.of(), List.of(), null))) return;
      on = sum;
      t = run.alive().get(sum);
    }
    boolean implicit = draw.chance(t.numel() == 1 ? 0.7 : 0.04);
    String gradient = implicit ? null : gradient(t);
    boolean create = draw.chance(0.35);
    boolean retain = draw.chance(0.4);
    if (draw.chance(0.5)) {
      List<String> inputs = draw.chance(0.12) ? some(leavesOf()) : null;
      add(new Statement.Backward(id(), on, gradient, inputs, retain, create));
      if (!draw.chance(0.2)) return;
      String again = gradient == null || draw.chance(0.2) ? gradient : gradient(t);
      add(new Statement.Backward(id(), on, again, null, retain, create));
      return;
    }
    boolean withHooks = draw.chance(0.03);
    List<String> inputs =
        some(
            (draw.chance(0.75) ? leavesOf() : requiring())
                .stream().filter(n -> withHooks || !hooked.contains(run.alive().get(n))).toList());
    if (inputs.isEmpty()) return;
    String id = id();
    List<String> weights = gradient == null ? null : Arrays.asList(gradient);
    if (add(
            new Statement.Gradients(
                id, List.of(on), inputs, weights, retain, create, draw.chance(0.85)))
        && create) second(id, inputs);
  }

  /* Of what first-order gradients still require a gradient. */
  private void second(String first, List<String> inputs) {
    String on =
        operands.existing(
            t ->
                t.requiresGrad()
                    && !isGone(t)
                    && run.alive().entrySet().stream()
                        .anyMatch(e -> e.getValue() == t && e.getKey().startsWith(first + ".")));
    if (on == null) return;
    Tensor t = run.alive().get(on);
    String gradient = t.dim() == 0 && draw.chance(0.5) ? null : gradient(t);
    List<String> weights = gradient == null ? null : List.of(gradient);
    if (draw.chance(0.7))
      add(
          new Statement.Gradients(
              id(), List.of(on), inputs, weights, false, draw.chance(0.2), true));
    else add(new Statement.Backward(id(), on, gradient, null, false, false));
  }

  private static boolean isGone(Tensor t) {
    try {
      t.gradFn();
      return false;
    } catch (RuntimeException historyIsGone) {
      return true;
    }
  }

  private String gradient(Tensor t) {
    int[] shape = draw.chance(0.03) ? leaves.shape() : t.shape();
    String dtype = draw.chance(0.03) ? leaves.dtype() : Operands.name(t.dtype());
    return addLeaf(
        id -> leaves.leaf(id, dtype, draw.chance(0.2) && Leaves.isFloating(dtype), shape));
  }

  private List<String> leavesOf() {
    return names(t -> t.isLeaf() && t.requiresGrad());
  }

  private List<String> requiring() {
    return names(Tensor::requiresGrad);
  }

  private List<String> names(java.util.function.Predicate<Tensor> fits) {
    return run.alive().entrySet().stream()
        .filter(
            e ->
                !isGone(e.getValue())
                    && !SparkgradRun.isConstantGradient(e.getValue())
                    && fits.test(e.getValue()))
        .map(Map.Entry::getKey)
        .filter(Objects::nonNull)
        .toList();
  }

  private List<String> some(List<String> names) {
    return draw.shuffled(names).stream().limit(draw.between(1, 3)).toList();
  }
}
