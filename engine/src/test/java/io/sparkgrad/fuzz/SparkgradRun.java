package io.sparkgrad.fuzz;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.BackwardOptions;
import io.sparkgrad.autograd.Differentiable;
import io.sparkgrad.autograd.GradOptions;
import io.sparkgrad.autograd.Node;
import io.sparkgrad.autograd.RemovableHandle;
import io.sparkgrad.op.kernel.TensorGeometry;
import io.sparkgrad.op.nn.EmbeddingOptions;
import io.sparkgrad.op.nn.Reduction;
import io.sparkgrad.random.Generator;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Runs a program statement by statement in sparkgrad and tells what torch_runner.py tells. */
final class SparkgradRun {
  /** Their numbers are undefined: both sides zero them. */
  static final Set<String> UNDEFINED = Set.of("empty", "emptyLike", "newEmpty", "emptyStrided");

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  /* An error that no user should see. */
  private static final Set<Class<?>> INTERNAL =
      Set.of(
          NullPointerException.class,
          ClassCastException.class,
          ArrayIndexOutOfBoundsException.class,
          StringIndexOutOfBoundsException.class,
          NegativeArraySizeException.class,
          AssertionError.class,
          java.util.NoSuchElementException.class,
          StackOverflowError.class,
          OutOfMemoryError.class);

  private final Map<String, Tensor> alive = new LinkedHashMap<>();
  private final Map<String, RemovableHandle> handles = new LinkedHashMap<>();
  private final Map<String, Integer> versions = new LinkedHashMap<>();
  private final ArrayNode log = JSON.arrayNode();
  private final ArrayNode seen = JSON.arrayNode();

  SparkgradRun(long seed) {
    Generator.current().manualSeed(seed);
  }

  static ObjectNode observations(Program program) {
    SparkgradRun run = new SparkgradRun(program.seed());
    for (Statement s : program.statements()) run.execute(s);
    return run.observations();
  }

  Map<String, Tensor> alive() {
    return alive;
  }

  /** What all statements gave. */
  ObjectNode observations() {
    ObjectNode all = JSON.objectNode();
    all.set("statements", seen);
    all.set("log", log);
    ObjectNode end = all.putObject("end");
    alive.forEach((name, t) -> end.set(name, last(name, t)));
    return all;
  }

  /** Runs a statement; whether it gave no error. */
  boolean execute(Statement s) {
    ObjectNode result = JSON.objectNode();
    seen.add(result);
    try {
      observe(s, result);
      return true;
    } catch (AbsentException e) {
      result.removeAll();
      result.put("skipped", true);
    } catch (InvocationTargetException e) {
      error(result, e.getCause());
    } catch (RuntimeException | IllegalAccessException | AssertionError e) {
      error(result, e);
    }
    return false;
  }

  private static void error(ObjectNode result, Throwable e) {
    result.removeAll();
    result.put("error", e.getClass().getSimpleName() + ": " + e.getMessage());
    if (INTERNAL.contains(e.getClass())) result.put("internal", true);
  }

  private void observe(Statement s, ObjectNode result)
      throws InvocationTargetException, IllegalAccessException {
    for (String name : s.reads())
      if (!alive.containsKey(name) && !handles.containsKey(name)) throw new AbsentException();
    if (s instanceof Statement.Leaf leaf) show(s.id(), leaf(leaf), result);
    else if (s instanceof Statement.Call call) show(s.id(), call(call), result);
    else if (s instanceof Statement.Gradients g) show(s.id(), gradients(g), result);
    else {
      if (s instanceof Statement.Hook hook) handles.put(hook.id(), hook(hook));
      else if (s instanceof Statement.Unhook hook) handles.get(hook.on()).remove();
      else backward((Statement.Backward) s);
      result.put("done", true);
    }
  }

  // ---- running

  private static Tensor leaf(Statement.Leaf s) {
    Tensor t;
    if (s.strides() == null) t = numbers(s.dtype(), s.values(), s.shape());
    else
      t =
          numbers(s.dtype(), s.values(), s.values().size())
              .asStrided(s.shape(), s.strides(), s.offset())
              .detach();
    return s.grad() ? t.requiresGrad_() : t;
  }

  private static Tensor numbers(String dtype, List<?> values, int... shape) {
    return switch (dtype) {
      case "float64" -> Tensor.of(doubles(values), shape);
      case "float32" -> Tensor.of(floats(values), shape);
      case "int64" -> Tensor.of(longs(values), shape);
      case "int32" -> Tensor.of(ints(values), shape);
      case "bool" -> Tensor.of(booleans(values), shape);
      default -> {
        DType other = dtype(dtype);
        yield (other.isFloatingPoint()
                ? Tensor.of(doubles(values), shape)
                : Tensor.of(longs(values), shape))
            .to(other);
      }
    };
  }

  static DType dtype(String name) {
    return Arrays.stream(DType.values())
        .filter(d -> d.toString().equals("torch." + name))
        .findFirst()
        .orElseThrow();
  }

  private Object call(Statement.Call s) throws InvocationTargetException, IllegalAccessException {
    Method m = Catalog.find(s);
    Object[] arguments = new Object[s.arguments().size()];
    for (int i = 0; i < arguments.length; i++)
      arguments[i] = argument(s.arguments().get(i), m.getParameterTypes()[i]);
    try (var mode = mode(s.mode())) {
      Object out = m.invoke(alive.get(s.self()), arguments);
      if (s.method().equals("version")) return (Integer) out - versions.get(s.self());
      return UNDEFINED.contains(s.method()) ? ((Tensor) out).zero_() : out;
    }
  }

  private static Grad.Mode mode(String mode) {
    if (mode == null) return Grad.setGradEnabled(Grad.isEnabled());
    return switch (mode) {
      case "noGrad" -> Grad.noGrad();
      case "enableGrad" -> Grad.enableGrad();
      case "inferenceMode" -> Grad.inferenceMode();
      default -> throw new IllegalArgumentException(mode);
    };
  }

  private Object argument(Argument a, Class<?> type) {
    Object v = a.value();
    return switch (a.kind()) {
      case "tensor" -> v == null ? null : alive.get(v);
      case "tensors" -> tensors((List<?>) v, type);
      case "long" ->
          type == int.class ? (Object) ((Number) v).intValue() : ((Number) v).longValue();
      case "double" -> ((Number) v).doubleValue();
      case "boolean" -> v;
      case "string" -> v;
      case "dtype" -> dtype((String) v);
      case "device" -> Device.CPU;
      case "reduction" -> Reduction.valueOf(((String) v).toUpperCase(Locale.ROOT));
      case "sizes", "ints" -> ints((List<?>) v);
      case "doubles" -> doubles((List<?>) v);
      case "floats" -> floats((List<?>) v);
      case "longs" -> longs((List<?>) v);
      case "booleans" -> booleans((List<?>) v);
      case "rows" ->
          ((List<?>) v).stream().map(row -> doubles((List<?>) row)).toArray(double[][]::new);
      case "embedding" -> embedding((Map<?, ?>) v);
      default -> throw new IllegalArgumentException("kind of argument " + a.kind());
    };
  }

  private Object tensors(List<?> names, Class<?> type) {
    List<Tensor> all = new ArrayList<>();
    for (Object name : names) all.add(name == null ? null : alive.get(name));
    return type.isArray() ? all.toArray(Tensor[]::new) : all;
  }

  private static EmbeddingOptions embedding(Map<?, ?> options) {
    EmbeddingOptions o = EmbeddingOptions.of();
    for (var e : options.entrySet()) {
      Object v = e.getValue();
      o =
          switch ((String) e.getKey()) {
            case "padding_idx" -> o.paddingIdx(((Number) v).intValue());
            case "max_norm" -> o.maxNorm(((Number) v).doubleValue());
            case "norm_type" -> o.normType(((Number) v).doubleValue());
            case "scale_grad_by_freq" -> o.scaleGradByFreq();
            case "sparse" -> o.sparse();
            case "mode" -> o.mode((String) v);
            case "include_last_offset" -> o.includeLastOffset();
            default -> throw new IllegalArgumentException("" + e);
          };
    }
    return o;
  }

  private void backward(Statement.Backward s) {
    BackwardOptions options = BackwardOptions.of();
    if (s.gradient() != null) options = options.gradient(alive.get(s.gradient()));
    if (s.retain()) options = options.retainGraph();
    if (s.create()) options = options.createGraph();
    if (s.inputs() != null) options = options.inputs(all(s.inputs()).toArray(Tensor[]::new));
    alive.get(s.on()).backward(options);
  }

  private List<Tensor> gradients(Statement.Gradients s) {
    GradOptions options = GradOptions.of().allowUnused(s.unused());
    if (s.gradOutputs() != null) options = options.gradOutputs(all(s.gradOutputs()));
    if (s.retain()) options = options.retainGraph();
    if (s.create()) options = options.createGraph();
    return Autograd.grad(all(s.outputs()), all(s.inputs()), options);
  }

  private List<Tensor> all(List<String> names) {
    return names.stream().map(alive::get).toList();
  }

  // ---- hooks

  private RemovableHandle hook(Statement.Hook s) {
    Tensor t = alive.get(s.on());
    String change = s.kind().substring(s.kind().indexOf(':') + 1);
    if (s.kind().startsWith("pre:"))
      return node(t)
          .registerPreHook(
              grads -> {
                fired(s, grads);
                return changed(change, grads);
              });
    if (s.kind().startsWith("post:"))
      return node(t)
          .registerHook(
              (inputs, outputs) -> {
                fired(s, outputs);
                return changed(change, inputs);
              });
    return ((Differentiable) t)
        .registerHook(
            g -> {
              log.addArray().add(s.id()).add(value(g));
              return changed(change, g);
            });
  }

  private static Node node(Tensor t) {
    if (t.gradFn() == null) throw new AutogradException("no node");
    return t.gradFn();
  }

  private void fired(Statement.Hook s, Tensor[] grads) {
    ArrayNode all = log.addArray().add(s.id()).addArray();
    for (Tensor g : grads) all.add(value(g));
  }

  private static Tensor changed(String change, Tensor g) {
    if (g == null) return null;
    return switch (change) {
      case "observe" -> null;
      case "double" -> g.mul(2L);
      case "ones" -> Tensor.onesLike(g);
      case "square" -> g.mul(g);
      default -> throw new IllegalArgumentException(change);
    };
  }

  private static Tensor[] changed(String change, Tensor[] grads) {
    if (change.equals("observe")) return null;
    return Arrays.stream(grads).map(g -> changed(change, g)).toArray(Tensor[]::new);
  }

  // ---- seeing

  private void show(String id, Object out, ObjectNode result)
      throws InvocationTargetException, IllegalAccessException {
    if (out instanceof Tensor t) {
      result.set("tensor", look(id, t));
      alive.put(id, t);
    } else if (out instanceof Record || out instanceof List<?> && isTensors((List<?>) out)) {
      List<?> parts = out instanceof List<?> list ? list : components((Record) out);
      for (int i = 0; i < parts.size(); i++)
        if (parts.get(i) != null) alive.put(id + "." + i, (Tensor) parts.get(i));
      ArrayNode several = result.putArray("several");
      for (int i = 0; i < parts.size(); i++)
        several.add(
            parts.get(i) == null ? JSON.nullNode() : look(id + "." + i, (Tensor) parts.get(i)));
    } else {
      if (out instanceof Node node) out = node.name();
      if (out instanceof DType dtype) out = dtype.toString().substring("torch.".length());
      result.set("value", Program.JSON.valueToTree(out));
    }
  }

  private static boolean isTensors(List<?> list) {
    return list.isEmpty() || list.get(0) == null || list.get(0) instanceof Tensor;
  }

  private static List<?> components(Record several)
      throws InvocationTargetException, IllegalAccessException {
    List<Object> tensors = new ArrayList<>();
    for (var part : several.getClass().getRecordComponents())
      tensors.add(part.getAccessor().invoke(several));
    return tensors;
  }

  private static com.fasterxml.jackson.databind.JsonNode value(Tensor t) {
    if (t == null) return JSON.nullNode();
    Tensor all = t.toDense().detach();
    ObjectNode node = JSON.objectNode();
    String dtype = all.dtype().toString().substring("torch.".length());
    node.put("dtype", dtype);
    node.set("shape", Program.JSON.valueToTree(all.shape()));
    ArrayNode values = node.putArray("values");
    if (all.dtype().isFloatingPoint()) for (double v : all.toDoubles()) values.add(v);
    else if (dtype.equals("bool")) for (long v : all.toLongs()) values.add(v != 0);
    else for (long v : all.toLongs()) values.add(v);
    return node;
  }

  private ObjectNode look(String id, Tensor t) {
    ObjectNode node = (ObjectNode) value(t);
    history(t, node);
    versions.put(id, t.isInference() || t.isSparse() ? 0 : t.version());
    if (!t.isSparse() && TensorGeometry.of(t).overlaps()) node.put("overlaps", true);
    node.put(
        "same",
        alive.entrySet().stream()
            .filter(e -> e.getValue() == t && !e.getKey().equals(id))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElse(null));
    node.set(
        "shares",
        Program.JSON.valueToTree(
            alive.entrySet().stream()
                .filter(e -> e.getValue() != t && shares(e.getValue(), t))
                .map(Map.Entry::getKey)
                .sorted()
                .collect(Collectors.toList())));
    return node;
  }

  private static boolean shares(Tensor a, Tensor b) {
    return !a.isSparse()
        && !b.isSparse()
        && a.numel() > 0
        && b.numel() > 0
        && a.storage().sharesWith(b.storage());
  }

  private static void history(Tensor t, ObjectNode node) {
    try {
      Node gradFn = isConstantGradient(t) ? null : t.gradFn();
      ArrayNode next = JSON.arrayNode();
      if (gradFn != null)
        gradFn
            .nextFunctions()
            .forEach(e -> next.add(e == null || e.node() == null ? null : e.node().name()));
      node.put("requiresGrad", t.requiresGrad() && !isConstantGradient(t));
      node.put("leaf", gradFn == null);
      if (isConstantGradient(t)) node.put("constant", true);
      node.put("gradFn", gradFn == null ? null : gradFn.name());
      node.set("next", next);
    } catch (AutogradException historyIsGone) {
      node.put("history", "error");
    }
  }

  /**
   * Whether it is a gradient under createGraph that does not depend on the inputs: here it has a
   * history, in PyTorch none. Programs go on as if it had none.
   */
  static boolean isConstantGradient(Tensor t) {
    return t.gradFn() != null && t.gradFn().name().equals("ConstantGradient");
  }

  private ObjectNode last(String name, Tensor t) {
    ObjectNode node = (ObjectNode) value(t);
    history(t, node);
    if (t.isInference() || t.isSparse()) node.putNull("version");
    else node.put("version", t.version() - versions.get(name)); // writes since it was made
    boolean gone = node.has("history") || !(t.isLeaf() || t.retainsGrad());
    node.set("grad", gone ? JSON.nullNode() : value(t.grad()));
    return node;
  }

  // ---- arrays

  private static double[] doubles(List<?> values) {
    return values.stream().mapToDouble(v -> ((Number) v).doubleValue()).toArray();
  }

  private static float[] floats(List<?> values) {
    float[] a = new float[values.size()];
    for (int i = 0; i < a.length; i++) a[i] = ((Number) values.get(i)).floatValue();
    return a;
  }

  private static long[] longs(List<?> values) {
    return values.stream().mapToLong(v -> ((Number) v).longValue()).toArray();
  }

  private static int[] ints(List<?> values) {
    return values.stream().mapToInt(v -> ((Number) v).intValue()).toArray();
  }

  private static boolean[] booleans(List<?> values) {
    boolean[] a = new boolean[values.size()];
    for (int i = 0; i < a.length; i++) a[i] = (Boolean) values.get(i);
    return a;
  }

  /** An operand that an earlier statement did not make: both sides pass over the statement. */
  private static final class AbsentException extends RuntimeException {
    private static final long serialVersionUID = 1;

    AbsentException() {
      super(null, null, false, false);
    }
  }
}
