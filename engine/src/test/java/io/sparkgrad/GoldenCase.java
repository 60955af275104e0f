package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.autograd.GradOptions;
import io.sparkgrad.op.nn.LossMethods;
import io.sparkgrad.op.nn.Reduction;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A case of the goldens: the call it stands for, and PyTorch's numbers to hold it against. */
final class GoldenCase {
  private final double tolerance;
  private final List<String> differences = new ArrayList<>();

  private GoldenCase(JsonNode c) {
    tolerance = tolerance(c);
  }

  interface Call {
    List<Tensor> apply(List<Tensor> in) throws ReflectiveOperationException;
  }

  static Call find(JsonNode c) {
    String name = c.get("op").asText();
    JsonNode args = c.get("args");
    int tensors = c.get("inputs").size();
    if (args.has("condition")) return in -> List.of(in.get(0).gt(0).where(in.get(0), in.get(1)));
    if (args.has("transposed")) return in -> List.of(in.get(0).t().matmul(in.get(1).t()));
    if (args.has("channels"))
      return in -> List.of(in.get(0).unsqueeze(0).prelu(in.get(1)).squeeze(0));
    if (name.equals("cat")) return in -> List.of(Tensor.cat(in, args.get("dim").asInt()));
    if (name.equals("stack")) return in -> List.of(Tensor.stack(in, args.get("dim").asInt()));
    if (name.equals("einsum"))
      return in -> List.of(Tensor.einsum(args.get("equation").asText(), in.toArray(Tensor[]::new)));
    if (name.equals("maskedSelect")) return in -> List.of(in.get(0).maskedSelect(in.get(0).gt(0)));
    if (name.equals("maskedFill")) {
      double value = (double) convert(args.get("value"), double.class);
      return in -> List.of(in.get(0).maskedFill(in.get(0).gt(0), value));
    }
    if (name.equals("index")) return in -> List.of(in.get(0).index(indices(args, in)));
    if (name.equals("nllLoss")) {
      Reduction reduce = (Reduction) convert(args.get("reduction"), Reduction.class);
      return in -> List.of(in.get(0).logSoftmax(1).nllLoss(in.get(1), reduce));
    }
    if (name.equals("batchNorm")) return in -> List.of(batchNorm(args, in));
    if (name.equals("crossEntropy")) return in -> List.of(crossEntropy(args, in));
    for (Method m : Tensor.class.getMethods()) {
      Object[] values = m.getName().equals(name) ? arguments(m, args, tensors) : null;
      if (values != null) return in -> invoke(m, in, values);
    }
    return null;
  }

  private static Tensor crossEntropy(JsonNode args, List<Tensor> in) {
    boolean probabilities = args.has("target");
    return in.get(0)
        .crossEntropy(
            probabilities ? in.get(1).softmax(1) : in.get(1),
            args.has("weight") ? in.get(2) : null,
            args.has("ignoreIndex") ? args.get("ignoreIndex").asLong() : LossMethods.IGNORE_INDEX,
            args.has("reduction")
                ? (Reduction) convert(args.get("reduction"), Reduction.class)
                : Reduction.MEAN,
            args.has("labelSmoothing") ? args.get("labelSmoothing").asDouble() : 0);
  }

  private static Tensor batchNorm(JsonNode args, List<Tensor> in) {
    boolean training = args.get("training").asBoolean();
    Tensor weight = in.get(in.size() - 2);
    Tensor bias = in.get(in.size() - 1);
    Tensor mean = training ? null : in.get(1);
    Tensor var = training ? null : in.get(2);
    double eps = args.get("eps").asDouble();
    return in.get(0).batchNorm(mean, var, weight, bias, training, 0.1, eps);
  }

  private static Tensor[] indices(JsonNode args, List<Tensor> in) {
    Tensor[] indices = new Tensor[in.get(0).dim()];
    int next = 1;
    for (int d : ints(args.get("positions"))) indices[d] = in.get(next++);
    return indices;
  }

  /** The method's arguments, with null for a tensor, or null if it does not take just these. */
  private static Object[] arguments(Method m, JsonNode args, int tensors) {
    if (java.lang.reflect.Modifier.isStatic(m.getModifiers())) return null;
    Object[] values = new Object[m.getParameterCount()];
    int used = 0;
    int others = 0;
    for (int i = 0; i < values.length; i++) {
      Parameter p = m.getParameters()[i];
      if (p.getType() == Tensor.class) {
        if (others < tensors - 1 || !p.getName().equals("bias")) others++;
        continue;
      }
      String name = p.getName();
      JsonNode v = argument(args, name);
      boolean pools = args.has("kernel_size") && !args.has("stride");
      if (pools && name.equals("stride")) values[i] = convert(args.get("kernel_size"), p.getType());
      if (values[i] != null) continue; // as wide as a window
      if (v != null) used++;
      values[i] = v == null ? absent(p) : convert(v, p.getType());
      if (values[i] == null) return null;
    }
    return used == args.size() && others == tensors - 1 ? values : null;
  }

  /** By its name, or PyTorch's. */
  private static JsonNode argument(JsonNode args, String name) {
    String snake = name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    return args.has(name) ? args.get(name) : args.get(snake);
  }

  /** What stands for an argument that a case leaves out; null for one that it must name. */
  private static Object absent(Parameter p) {
    return switch (p.getName()) {
      case "min" -> Double.NEGATIVE_INFINITY;
      case "max" -> Double.POSITIVE_INFINITY;
      case "dim" -> p.getType() == int[].class ? new int[0] : null;
      case "keepdim" -> false;
      case "stride", "dilation" -> filled(p, 1);
      case "padding", "outputPadding" -> filled(p, 0);
      case "groups" -> 1;
      case "ceilMode", "alignCorners" -> false;
      case "countIncludePad" -> true;
      default -> null;
    };
  }

  private static Object filled(Parameter p, int v) {
    if (p.getType() == int[].class) return new int[] {v};
    return p.getType() == int.class ? v : null;
  }

  private static Object convert(JsonNode v, Class<?> type) {
    if (type == int.class && v.isInt()) return v.asInt();
    if (type == double.class && v.isNumber()) return v.asDouble();
    if (type == double.class && v.asText().equals("nan")) return Double.NaN;
    if (type == double.class && v.asText().equals("inf")) return Double.POSITIVE_INFINITY;
    if (type == double.class && v.asText().equals("-inf")) return Double.NEGATIVE_INFINITY;
    if (type == boolean.class && v.isBoolean()) return v.asBoolean();
    if (type == String.class && v.isTextual()) return v.asText();
    if (type == Reduction.class && v.isTextual())
      return Reduction.valueOf(v.asText().toUpperCase(Locale.ROOT));
    if (type == int[].class && v.isArray()) return ints(v);
    if (type == int[].class && v.isInt()) return new int[] {v.asInt()};
    return null;
  }

  private static List<Tensor> invoke(Method m, List<Tensor> in, Object[] values)
      throws ReflectiveOperationException {
    Object[] full = values.clone();
    int next = 1;
    for (int i = 0; i < full.length; i++)
      if (m.getParameterTypes()[i] == Tensor.class && next < in.size()) full[i] = in.get(next++);
    Object out = m.invoke(in.get(0), full);
    if (out instanceof Record several) return components(several);
    if (out instanceof List<?> parts) return parts.stream().map(Tensor.class::cast).toList();
    return List.of((Tensor) out);
  }

  private static List<Tensor> components(Record several) throws ReflectiveOperationException {
    List<Tensor> tensors = new ArrayList<>();
    for (var part : several.getClass().getRecordComponents())
      tensors.add((Tensor) part.getAccessor().invoke(several));
    return tensors;
  }

  /** Runs a case on a device; what differs from PyTorch, an element a line. */
  static List<String> differences(JsonNode c, Call call, Device device) {
    List<Tensor> in = new ArrayList<>();
    for (JsonNode t : c.get("inputs"))
      in.add(tensor(t, device).requiresGrad_(t.get("requires_grad").asBoolean()));
    List<Tensor> out;
    try {
      out = call.apply(in);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e.getCause() == null ? e : e.getCause());
    }
    GoldenCase compared = new GoldenCase(c);
    if (c.has("choice") && device.isCuda()) { // of equal elements, which is the CPU's
      compared.close("output 0", c.get("outputs").get(0), out.get(0));
      return compared.differences;
    }
    compared.close("output", c.get("outputs"), out);
    if (c.has("grad_inputs")) compared.gradients(c, device, in, out);
    return compared.differences;
  }

  private void gradients(JsonNode c, Device device, List<Tensor> in, List<Tensor> out) {
    List<Tensor> leaves = in.stream().filter(Tensor::requiresGrad).toList();
    List<Tensor> differentiable = out.stream().filter(Tensor::requiresGrad).toList();
    List<Tensor> seeds = new ArrayList<>();
    for (JsonNode g : c.get("grad_outputs")) seeds.add(tensor(g, device).requiresGrad_());
    List<Tensor> grads =
        Autograd.grad(
            differentiable,
            leaves,
            GradOptions.of().gradOutputs(seeds).createGraph().allowUnused());
    close("gradient", c.get("grad_inputs"), grads);
    if (!c.has("gg_inputs")) return;
    List<Tensor> present = new ArrayList<>();
    List<Tensor> weights = new ArrayList<>();
    int k = 0;
    for (Tensor g : grads) {
      if (g == null) continue;
      Tensor v = tensor(c.get("vv").get(k++), device);
      if (!g.requiresGrad()) continue;
      present.add(g);
      weights.add(v);
    }
    List<Tensor> all = new ArrayList<>(leaves);
    all.addAll(seeds);
    List<Tensor> second =
        Autograd.grad(present, all, GradOptions.of().gradOutputs(weights).allowUnused());
    close("second order", c.get("gg_inputs"), second.subList(0, leaves.size()));
    close(
        "second order by gradient",
        c.get("gg_grad_outputs"),
        second.subList(leaves.size(), all.size()));
  }

  private void close(String what, JsonNode expected, List<Tensor> actual) {
    if (expected.size() != actual.size())
      differences.add("%d of %s, not %d".formatted(actual.size(), what, expected.size()));
    for (int i = 0; i < Math.min(expected.size(), actual.size()); i++)
      close(what + " " + i, expected.get(i), actual.get(i));
  }

  /** PyTorch's null and our zeros mean the same gradient, and the other way round. */
  private void close(String what, JsonNode expected, Tensor actual) {
    if (expected.isNull() && actual == null) return;
    if (!expected.isNull() && actual != null) {
      assertArrayEquals(ints(expected.get("shape")), actual.shape(), what);
      assertEquals("torch." + expected.get("dtype").asText(), actual.dtype().toString(), what);
    }
    double[] a = actual == null ? null : actual.toDoubles();
    double[] e = expected.isNull() ? new double[a.length] : Goldens.doubles(expected.get("data"));
    if (a == null) a = new double[e.length];
    for (int i = 0; i < e.length; i++) {
      boolean same =
          Double.compare(e[i], a[i]) == 0 || Math.abs(e[i] - a[i]) <= tolerance * size(e[i]);
      if (!same) differences.add("%s[%d]: expected %s, got %s".formatted(what, i, e[i], a[i]));
    }
  }

  private static double size(double v) {
    return Double.isFinite(v) ? Math.max(1, Math.abs(v)) : 1;
  }

  /* Relative: what a case says, or what its type is good for. */
  private static double tolerance(JsonNode c) {
    boolean single = c.get("inputs").get(0).get("dtype").asText().equals("float32");
    double given = c.has("tolerance") ? c.get("tolerance").asDouble() : 0;
    return Math.max(given, single ? 1e-5 : 1e-10);
  }

  private static Tensor tensor(JsonNode t, Device device) {
    return onCpu(t).to(device);
  }

  static Tensor onCpu(JsonNode t) {
    double[] data = Goldens.doubles(t.get("data"));
    int[] shape = ints(t.get("shape"));
    return switch (t.get("dtype").asText()) {
      case "float64" -> Tensor.of(data, shape);
      case "float32" -> Tensor.of(data, shape).to(DType.FLOAT32);
      case "int64" -> Tensor.of(Arrays.stream(data).mapToLong(v -> (long) v).toArray(), shape);
      case "bool" -> Tensor.of(data, shape).ne(0);
      default -> throw new IllegalArgumentException("dtype " + t.get("dtype"));
    };
  }

  private static int[] ints(JsonNode array) {
    int[] out = new int[array.size()];
    for (int i = 0; i < out.length; i++) out[i] = array.get(i).asInt();
    return out;
  }
}
