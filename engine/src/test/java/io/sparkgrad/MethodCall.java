package io.sparkgrad;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.autograd.AccumulateGrad;
import io.sparkgrad.autograd.Edge;
import io.sparkgrad.autograd.Node;
import io.sparkgrad.op.nn.Reduction;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A call of a public method of {@link Tensor} as goldens/calls.py writes it: the receiver and the
 * arguments, of which a tensor is a text.
 */
final class MethodCall {
  private static final Pattern TENSOR =
      Pattern.compile("\\$(\\w+)\\[([\\d,]*)](\\*?)(?:=([^+]*))?((?:\\+\\w+)*)");
  /* No argument of this method. */
  private static final Object NONE = new Object();

  private final List<Tensor> leaves = new ArrayList<>();
  private final Method method;
  private final Object self;
  private final Object[] arguments;

  /** What came out: tensors, or an error. */
  record Answer(List<Tensor> outputs, RuntimeException error) {}

  private MethodCall(Method method, JsonNode args) {
    boolean isStatic = Modifier.isStatic(method.getModifiers());
    this.method = method;
    self = isStatic ? null : tensor(args.get(0).textValue());
    arguments = new Object[method.getParameterCount()];
    for (int i = 0; i < arguments.length; i++)
      arguments[i] = convert(args.get(isStatic ? i : i + 1), method.getParameterTypes()[i]);
  }

  /** The call, or null if Tensor has no method that takes these arguments. */
  static MethodCall of(String name, JsonNode args) {
    boolean isStatic = name.startsWith("Tensor.");
    String simple = name.replace("Tensor.", "");
    Method best = null;
    int bestCost = Integer.MAX_VALUE;
    for (Method m : Tensor.class.getMethods()) {
      if (!m.getName().equals(simple) || isStatic != Modifier.isStatic(m.getModifiers())) continue;
      int cost = cost(m, args, isStatic ? 0 : 1);
      if (cost >= bestCost) continue;
      bestCost = cost;
      best = m;
    }
    return best == null ? null : new MethodCall(best, args);
  }

  /* How far arguments are from a method's parameters; a huge number for one that does not take them. */
  private static int cost(Method m, JsonNode args, int from) {
    Class<?>[] types = m.getParameterTypes();
    if (m.isBridge() || types.length != args.size() - from) return Integer.MAX_VALUE;
    int cost = 0;
    for (int i = 0; i < types.length; i++) {
      int one = cost(args.get(i + from), types[i]);
      if (one < 0) return Integer.MAX_VALUE;
      cost += one;
    }
    return cost;
  }

  private static int cost(JsonNode v, Class<?> type) {
    if (isTensor(v)) return type == Tensor.class ? 0 : -1;
    if (v.isArray() && v.size() > 0 && isTensor(v.get(0)))
      return type == Tensor[].class || type == List.class ? 0 : -1;
    if (v.isArray())
      return type == int[].class ? 0 : type == Tensor[].class && v.isEmpty() ? 1 : -1;
    if (v.isBoolean()) return type == boolean.class ? 0 : -1;
    if (v.isInt())
      return type == int.class ? 0 : type == long.class ? 1 : type == double.class ? 2 : -1;
    boolean number = v.isNumber() || List.of("inf", "-inf", "nan").contains(v.textValue());
    if (number) return type == double.class ? 0 : -1;
    return type == String.class ? 0 : type == Reduction.class && isReduce(v) ? 0 : -1;
  }

  private static boolean isReduce(JsonNode v) {
    return List.of("MEAN", "SUM", "NONE").contains(v.textValue());
  }

  private static boolean isTensor(JsonNode v) {
    return v.isTextual() && v.textValue().startsWith("$");
  }

  private Object convert(JsonNode v, Class<?> type) {
    if (isTensor(v)) return tensor(v.textValue());
    if (type == Tensor[].class || type == List.class) {
      List<Tensor> all = new ArrayList<>();
      for (JsonNode t : v) all.add(tensor(t.textValue()));
      return type == List.class ? all : all.toArray(Tensor[]::new);
    }
    if (type == int[].class) {
      int[] out = new int[v.size()];
      for (int i = 0; i < out.length; i++) out[i] = v.get(i).intValue();
      return out;
    }
    if (type == boolean.class) return v.booleanValue();
    if (type == int.class) return v.intValue();
    if (type == long.class) return v.longValue();
    if (type == double.class) return v.isNumber() ? v.doubleValue() : special(v.textValue());
    if (type == Reduction.class) return Reduction.valueOf(v.textValue());
    return v.textValue();
  }

  private static double special(String text) {
    return switch (text) {
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.NaN;
    };
  }

  private Tensor tensor(String text) {
    Matcher m = TENSOR.matcher(text);
    if (!m.matches()) throw new IllegalArgumentException(text);
    int[] shape =
        Arrays.stream(m.group(2).split(","))
            .filter(s -> !s.isEmpty())
            .mapToInt(Integer::parseInt)
            .toArray();
    DType dtype = DType.valueOf(m.group(1).toUpperCase(Locale.ROOT));
    double[] data =
        m.group(4) == null
            ? numbers(dtype, Shape.numel(shape))
            : Arrays.stream(m.group(4).split(",")).mapToDouble(Double::parseDouble).toArray();
    Tensor t = Tensor.of(data, shape).to(dtype);
    if (!m.group(3).isEmpty()) t.requiresGrad_();
    leaves.add(t);
    for (String step : m.group(5).split("\\+")) {
      t =
          switch (step) {
            case "" -> t;
            case "clone" -> t.clone();
            case "t" -> t.t();
            default -> throw new IllegalArgumentException(text);
          };
    }
    return t;
  }

  private static double[] numbers(DType dtype, int n) {
    double[] out = new double[n];
    for (int i = 0; i < n; i++) {
      if (dtype == DType.BOOL) out[i] = i % 2 == 0 ? 1 : 0;
      else out[i] = dtype.isFloatingPoint() ? ((i * 7) % 11 + 1) / 16.0 : (i * 7) % 3;
    }
    return out;
  }

  Answer call() {
    try {
      return new Answer(outputs(method.invoke(self, arguments)), null);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException error) return new Answer(null, error);
      throw new AssertionError(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Tensor> outputs(Object out) throws ReflectiveOperationException {
    if (out instanceof Tensor t) return List.of(t);
    if (out instanceof List<?> parts) return parts.stream().map(Tensor.class::cast).toList();
    List<Tensor> tensors = new ArrayList<>();
    for (var part : out.getClass().getRecordComponents())
      tensors.add((Tensor) part.getAccessor().invoke(out));
    return tensors;
  }

  /** The tape behind a result, null for none: names, with those of the next nodes in brackets. */
  String graph(Tensor t) {
    return t.gradFn() != null ? graph(t.gradFn()) : null;
  }

  private String graph(Node node) {
    if (node instanceof AccumulateGrad leaf) return "x" + leaves.indexOf(leaf.variable());
    List<String> inner = new ArrayList<>();
    for (Edge e : node.nextFunctions()) if (e != null) inner.add(graph(e.node()));
    return node.name() + (inner.isEmpty() ? "" : "(" + String.join(",", inner) + ")");
  }
}
