package io.sparkgrad.fuzz;

import io.sparkgrad.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/** A program as Java that one can run. */
final class JavaText {
  private JavaText() {}

  static String of(Program program) {
    StringBuilder all =
        new StringBuilder("Generator.current().manualSeed(" + program.seed() + "L);\n");
    for (Statement s : program.statements()) all.append(statement(program, s)).append('\n');
    return all.toString();
  }

  private static String statement(Program program, Statement s) {
    if (s instanceof Statement.Leaf leaf) return "Tensor " + s.id() + " = " + leaf(leaf) + ";";
    if (s instanceof Statement.Call call) return call(program, call);
    if (s instanceof Statement.Hook h) return hook(program, h);
    if (s instanceof Statement.Unhook h) return h.on() + ".remove();";
    if (s instanceof Statement.Backward b) {
      return name(program, b.on())
          + ".backward(BackwardOptions.of()"
          + (b.gradient() == null ? "" : ".gradient(" + name(program, b.gradient()) + ")")
          + (b.retain() ? ".retainGraph()" : "")
          + (b.create() ? ".createGraph()" : "")
          + (b.inputs() == null ? "" : ".inputs(" + names(program, b.inputs()) + ")")
          + ");";
    }
    Statement.Gradients g = (Statement.Gradients) s;
    return "List<Tensor> %s = Autograd.grad(List.of(%s), List.of(%s), GradOptions.of()%s%s%s.allowUnused(%s));"
        .formatted(
            g.id(),
            names(program, g.outputs()),
            names(program, g.inputs()),
            g.gradOutputs() == null ? "" : ".gradOutputs(" + names(program, g.gradOutputs()) + ")",
            g.retain() ? ".retainGraph()" : "",
            g.create() ? ".createGraph()" : "",
            g.unused());
  }

  private static String hook(Program program, Statement.Hook h) {
    String change =
        switch (h.kind().substring(h.kind().indexOf(':') + 1)) {
          case "observe" -> "null";
          case "double" -> "g.mul(2L)";
          case "ones" -> "Tensor.onesLike(g)";
          default -> "g.mul(g)";
        };
    String on = name(program, h.on());
    if (h.kind().startsWith("pre:"))
      return "var %s = %s.gradFn().registerPreHook(gs -> /* each g: */ %s);"
          .formatted(h.id(), on, change);
    if (h.kind().startsWith("post:"))
      return "var %s = %s.gradFn().registerHook((gs, outs) -> /* each g: */ %s);"
          .formatted(h.id(), on, change);
    return "var %s = %s.registerHook(g -> %s);".formatted(h.id(), on, change);
  }

  private static String leaf(Statement.Leaf s) {
    String numbers = array(s.dtype(), s.values());
    String cast =
        List.of("float64", "float32", "int64", "int32", "bool").contains(s.dtype())
            ? ""
            : ".to(DType." + s.dtype().toUpperCase(Locale.ROOT) + ")";
    int[] shape = s.strides() == null ? s.shape() : new int[] {s.values().size()};
    String made =
        "Tensor.of("
            + numbers
            + ", "
            + (shape.length == 0 ? "new int[0]" : joined(shape))
            + ")"
            + cast;
    if (s.strides() != null)
      made +=
          ".asStrided(%s, %s, %d).detach()"
              .formatted(ints(s.shape()), ints(s.strides()), s.offset());
    return made + (s.grad() ? ".requiresGrad_()" : "");
  }

  private static String array(String dtype, List<?> values) {
    String type =
        switch (dtype) {
          case "float64" -> "double";
          case "float32" -> "float";
          case "int32" -> "int";
          case "bool" -> "boolean";
          default -> Leaves.isFloating(dtype) ? "double" : "long";
        };
    return "new %s[] {%s}"
        .formatted(
            type, values.stream().map(v -> literal(type, v)).collect(Collectors.joining(", ")));
  }

  private static String literal(String type, Object v) {
    if (v instanceof Boolean) return v.toString();
    return switch (type) {
      case "double" -> real("Double", ((Number) v).doubleValue(), "");
      case "float" -> real("Float", ((Number) v).floatValue(), "f");
      case "long" -> ((Number) v).longValue() + "L";
      default -> v.toString();
    };
  }

  private static String real(String type, double v, String suffix) {
    if (Double.isNaN(v)) return type + ".NaN";
    if (Double.isInfinite(v)) return type + (v > 0 ? ".POSITIVE_INFINITY" : ".NEGATIVE_INFINITY");
    return (suffix.isEmpty() ? Double.toString(v) : Float.toString((float) v)) + suffix;
  }

  private static String call(Program program, Statement.Call s) {
    StringJoiner arguments = new StringJoiner(", ");
    for (int i = 0; i < s.arguments().size(); i++) arguments.add(argument(program, s, i));
    String call =
        "%s.%s(%s)"
            .formatted(
                s.self() == null ? "Tensor" : name(program, s.self()), s.method(), arguments);
    Class<?> type = Catalog.has(s) ? Catalog.find(s).getReturnType() : Tensor.class;
    String line =
        type == void.class
            ? call + ";"
            : (type == Tensor.class ? "Tensor " : "var ") + s.id() + " = " + call + ";";
    if (s.mode() == null) return line;
    return "try (var mode = Grad." + s.mode() + "()) { " + line + " }";
  }

  private static String argument(Program program, Statement.Call s, int i) {
    Argument a = s.arguments().get(i);
    Object v = a.value();
    boolean last = i == s.arguments().size() - 1;
    String type = s.types().get(i);
    return switch (a.kind()) {
      case "tensor" -> v == null ? "null" : name(program, (String) v);
      case "tensors" -> {
        String all =
            ((List<?>) v)
                .stream()
                    .map(n -> n == null ? "null" : name(program, (String) n))
                    .collect(Collectors.joining(", "));
        yield type.equals("List") ? "List.of(" + all + ")" : "new Tensor[] {" + all + "}";
      }
      case "long" -> v + (type.equals("int") ? "" : "L");
      case "double" -> real("Double", ((Number) v).doubleValue(), "");
      case "string" -> "\"" + v + "\"";
      case "dtype" -> "DType." + ((String) v).toUpperCase(Locale.ROOT);
      case "device" -> "Device.CPU";
      case "reduction" -> "Reduction." + ((String) v).toUpperCase(Locale.ROOT);
      case "sizes" -> {
        String sizes =
            ((List<?>) v).stream().map(Object::toString).collect(Collectors.joining(", "));
        yield last && !sizes.isEmpty() ? sizes : "new int[] {" + sizes + "}";
      }
      case "doubles" -> array("float64", (List<?>) v);
      case "floats" -> array("float32", (List<?>) v);
      case "longs" -> array("int64", (List<?>) v);
      case "ints" -> array("int32", (List<?>) v);
      case "booleans" -> array("bool", (List<?>) v);
      case "rows" ->
          "new double[][] {"
              + ((List<?>) v)
                  .stream()
                      .map(r -> array("float64", (List<?>) r).substring("new double[] ".length()))
                      .collect(Collectors.joining(", "))
              + "}";
      case "embedding" ->
          "EmbeddingOptions.of()"
              + ((Map<?, ?>) v)
                  .entrySet().stream().map(e -> "/* " + e + " */").collect(Collectors.joining());
      default -> String.valueOf(v);
    };
  }

  /* A part of several results by its accessor. */
  private static String name(Program program, String name) {
    int dot = name.indexOf('.');
    if (dot < 0) return name;
    String id = name.substring(0, dot);
    int i = Integer.parseInt(name.substring(dot + 1));
    for (Statement s : program.statements())
      if (s.id().equals(id) && s instanceof Statement.Call c && Catalog.has(c)) {
        Class<?> type = Catalog.find(c).getReturnType();
        if (type.isRecord()) return id + "." + type.getRecordComponents()[i].getName() + "()";
      }
    return id + ".get(" + i + ")";
  }

  private static String names(Program program, List<String> names) {
    return names.stream().map(n -> name(program, n)).collect(Collectors.joining(", "));
  }

  private static String joined(int[] sizes) {
    return java.util.Arrays.stream(sizes)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", "));
  }

  private static String ints(int[] sizes) {
    return "new int[] {" + joined(sizes) + "}";
  }
}
