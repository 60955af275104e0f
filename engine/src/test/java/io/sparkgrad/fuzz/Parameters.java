package io.sparkgrad.fuzz;

import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Draws the arguments that are no tensors, by their types and names: mostly valid ones. */
final class Parameters {
  private final Draw draw;
  private final Leaves leaves;

  Parameters(Draw draw, Leaves leaves) {
    this.draw = draw;
    this.leaves = leaves;
  }

  /**
   * @param shape of the receiver, empty where there is none
   * @param before the arguments drawn before
   */
  Argument draw(String method, Parameter p, int[] shape, Map<String, Argument> before) {
    String name = p.getName();
    return switch (p.getType().getSimpleName()) {
      case "int" -> new Argument("long", (long) integer(method, name, shape, before));
      case "long" -> new Argument("long", whole(method, name, before));
      case "double" -> new Argument("double", real(method, name, before));
      case "boolean" -> Argument.flag(draw.chance(0.5));
      case "Boolean" -> Argument.flag(draw.chance(0.5));
      case "String" -> Argument.text(text(method, name));
      case "DType" -> new Argument("dtype", draw.chance(0.3) ? leaves.dtype() : leaves.floating());
      case "Device" -> new Argument("device", "cpu");
      case "Reduction" -> new Argument("reduction", draw.of("none", "sum", "mean"));
      case "int[]" -> Argument.sizes(integers(method, name, shape, before));
      case "Scalar", "Number", "Object" ->
          draw.chance(0.5)
              ? new Argument("long", whole(method, name, before))
              : new Argument("double", real(method, name, before));
      default ->
          throw new IllegalStateException(
              "no model of the parameter "
                  + p
                  + " of "
                  + method
                  + ": add it to Parameters, or the method to differences.md");
    };
  }

  // ---- numbers

  int dim(int dims) {
    int n = Math.max(dims, 1);
    if (draw.chance(0.03)) return draw.of(n, -n - 1, n + 2);
    return draw.between(-n, n - 1);
  }

  private int integer(String method, String name, int[] shape, Map<String, Argument> before) {
    int dims = shape.length;
    switch (method) {
      case "unsqueeze", "unsqueeze_", "stack" -> {
        return dim(dims + 1);
      }
      case "diagEmbed" -> {
        if (!name.equals("offset")) return dim(dims + 1);
      }
      case "select", "narrow", "slice", "unfold", "split", "unsafeSplit", "kthvalue", "topk" -> {
        if (!name.equals("dim")) return alongDim(method, name, shape, before);
      }
      default -> {}
    }
    Integer window = window(name);
    if (window != null) return window;
    return switch (name) {
      case "dim",
          "dim0",
          "dim1",
          "dim2",
          "axis0",
          "axis1",
          "startDim",
          "endDim",
          "source",
          "destination" ->
          dim(dims);
      case "decimals" -> draw.between(-2, 3);
      case "n" -> method.startsWith("polygamma") ? draw.between(0, 3) : draw.between(-1, 4);
      case "k" -> draw.between(-1, 5);
      case "chunks", "sections" -> draw.chance(0.04) ? 0 : draw.between(1, 5);
      case "shifts" -> draw.between(-4, 4);
      case "offset", "diagonal" -> draw.between(-2, 2);
      case "repeats" -> draw.chance(0.03) ? -1 : draw.between(0, 3);
      case "bins" -> draw.chance(0.04) ? 0 : draw.between(1, 5);
      case "minlength" -> draw.chance(0.04) ? -1 : draw.between(0, 5);
      case "correction" -> draw.between(0, 3);
      case "numSamples" -> draw.between(1, 3);
      case "row", "col", "m" -> draw.between(0, 4);
      case "steps" -> draw.between(0, 5);
      case "numClasses" -> draw.of(-1, 3, 6, 10);
      case "paddingIdx" -> draw.of(0, 1, -1, -2);
      default -> draw.between(-1, 4);
    };
  }

  /* The settings of windows and kernels. */
  private Integer window(String name) {
    return switch (name) {
      case "kernelSize" -> draw.chance(0.03) ? 0 : draw.between(1, 3);
      case "stride", "dilation" -> draw.chance(0.03) ? draw.of(0, -1) : draw.of(1, 1, 2, 3);
      case "padding" -> draw.chance(0.03) ? -1 : draw.of(0, 0, 1, 2);
      case "outputPadding" -> draw.of(0, 0, 0, 1);
      case "outputSize" -> draw.chance(0.03) ? draw.of(0, -1) : draw.between(1, 4);
      case "numGroups" -> draw.chance(0.03) ? 0 : draw.between(1, 2);
      case "divisorOverride" -> draw.of(1, 2, 5, -3);
      default -> null;
    };
  }

  private int size(int[] shape, Map<String, Argument> before) {
    if (shape.length == 0) return 1;
    if (!before.containsKey("dim")) return shape[shape.length - 1];
    int dim = ((Number) before.get("dim").value()).intValue();
    int d = dim < 0 ? dim + shape.length : dim;
    return d < 0 || d >= shape.length ? 1 : shape[d];
  }

  private int alongDim(String method, String name, int[] shape, Map<String, Argument> before) {
    int n = size(shape, before);
    if (method.equals("slice"))
      return switch (name) {
        case "start" -> draw.between(-n, n);
        case "end" -> draw.of(n, n, Integer.MAX_VALUE, -1, n - 1, 1);
        default -> draw.chance(0.03) ? draw.of(0, -1) : draw.between(1, 3);
      };
    return switch (name) {
      case "index" -> draw.chance(0.04) ? n : draw.between(-n, Math.max(n - 1, -n));
      case "start" -> draw.chance(0.04) ? n + 1 : draw.between(0, Math.max(n - 1, 0));
      case "length" -> {
        int start = ((Number) before.get("start").value()).intValue();
        yield draw.chance(0.04) ? n + 1 : draw.between(0, Math.max(n - Math.max(start, 0), 0));
      }
      case "step" -> draw.chance(0.03) ? 0 : draw.between(1, 3);
      case "k" ->
          draw.chance(0.05) ? draw.of(0, n + 1) : draw.between(Math.min(1, n), Math.max(n, 1));
      default -> draw.chance(0.03) ? draw.of(-1, 0) : draw.between(1, Math.max(n, 1));
    };
  }

  private long whole(String method, String name, Map<String, Argument> before) {
    if (method.equals("arange"))
      return switch (name) {
        case "start" ->
            draw.chance(0.1) ? draw.of((1L << 60) + 1, -(1L << 62)) : draw.of(0L, 1L, -3L);
        case "end" ->
            before.containsKey("start") ? first(before) + draw.between(-2, 9) : draw.between(-1, 9);
        default -> draw.of(1L, 1L, 2L, 3L, -1L, 0L);
      };
    if (method.contains("Shift")) return draw.of(0L, 1L, 2L, 5L, 7L); // C++ says nothing of more
    return switch (name) {
      case "ignoreIndex" -> draw.of(-100L, 0L, 1L, 2L);
      case "from", "low" -> draw.of(0L, -3L, 2L);
      case "to", "high" -> draw.of(1L, 5L, 10L, 0L, 1L << 40);
      case "alpha", "beta" -> draw.of(1L, 0L, 2L, -1L, 3L);
      default ->
          draw.chance(0.08)
              ? draw.of((1L << 53) + 1, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE, 16777217L, 300L)
              : draw.between(-3, 5);
    };
  }

  private static long first(Map<String, Argument> before) {
    return ((Number) before.get("start").value()).longValue();
  }

  private double real(String method, String name, Map<String, Argument> before) {
    if (method.equals("arange"))
      return switch (name) {
        case "start" -> draw.of(0.0, 0.5, -1.0, 2.0);
        case "end" -> draw.of(3.0, 5.5, 0.5, -2.0);
        default -> draw.of(1.0, 0.5, 0.3, -1.0, 0.0);
      };
    boolean probability =
        name.equals("p") && (method.contains("ropout") || method.startsWith("bernoulli"));
    if (probability) return draw.of(0.0, 1.0, 0.5, 0.3, 0.8, 1.5, -0.1, Double.NaN);
    return switch (name) {
      case "p" ->
          draw.of(
              2.0,
              1.0,
              0.0,
              3.0,
              0.5,
              1.5,
              -1.0,
              Double.POSITIVE_INFINITY,
              Double.NEGATIVE_INFINITY);
      case "momentum" -> draw.of(0.1, 0.5, 1.0, 0.0);
      case "scaleFactor" -> draw.of(2.0, 0.5, 1.5, 1.0, 0.7, 3.0);
      case "eps" -> draw.of(1e-8, 1e-6, 0.1, 0.3, 0.0);
      case "rtol", "atol" -> draw.of(0.0, 1e-5, 0.1, 1.0);
      case "std" -> draw.of(1.0, 0.5, 2.0, 0.0, -1.0);
      case "base" -> draw.of(10.0, 2.0, 1.0, 0.5);
      case "labelSmoothing" -> draw.of(0.0, 0.1, 0.5, 1.0, 1.5);
      case "lambd" -> draw.of(0.5, 0.5, 0.0, 1.0, 2.0, -0.5, Double.NaN);
      case "threshold" -> draw.of(20.0, 1.0, 0.0, 0.5);
      case "min", "minVal", "from", "start" -> draw.of(-1.0, -0.5, 0.0, 0.5, -3.0);
      case "max", "maxVal", "to", "end" -> draw.of(1.0, 0.5, 3.0, 0.0, 2.0);
      default ->
          draw.chance(0.06)
              ? draw.of(
                  Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN, 1e10, -0.0, 1e-10)
              : draw.of(0.0, 1.0, -1.0, 0.5, 2.0, 3.0, -2.5, 0.3, 1.0);
    };
  }

  private String text(String method, String name) {
    return switch (name) {
      case "roundingMode" -> draw.chance(0.04) ? "round" : draw.of("floor", "trunc");
      case "approximate" -> draw.chance(0.04) ? "erf" : draw.of("none", "tanh");
      case "padding" -> draw.chance(0.04) ? "full" : draw.of("same", "valid");
      case "mode" ->
          method.equals("interpolate")
              ? draw.of("nearest", "nearest", "linear", "bilinear", "bilinear", "trilinear")
              : method.equals("pad")
                  ? draw.of("constant", "constant", "reflect", "replicate", "circular")
                  : draw.of("sum", "mean", "max");
      case "reduce" -> draw.of("sum", "prod", "mean", "amax", "amin");
      case "indexing" -> draw.of("ij", "xy");
      case "ord", "p" -> draw.of("fro", "nuc");
      default -> draw.of("sum", "mean", "floor", "linear");
    };
  }

  // ---- lists

  private int[] integers(String method, String name, int[] shape, Map<String, Argument> before) {
    int dims = shape.length;
    switch (method) {
      case "permute" -> {
        return permutation(dims);
      }
      case "view", "reshape" -> {
        return factors(Leaves.class.cast(leaves), numel(shape));
      }
      case "expand", "broadcastTo" -> {
        return expanded(shape);
      }
      case "unflatten" -> {
        return factors(leaves, size(shape, before));
      }
      case "repeat", "tile" -> {
        int n = draw.chance(0.1) ? draw.between(0, 4) : dims + draw.of(0, 0, 1);
        return draw.chance(0.03) ? new int[] {-1} : each(n, () -> draw.of(1, 1, 2, 3, 0));
      }
      case "pad" -> {
        int n = 2 * draw.between(0, Math.max(1, Math.min(dims, 3)));
        return each(n, () -> draw.of(0, 1, 1, 2, -1));
      }
      case "sumTo" -> {
        return narrowed(shape);
      }
      case "asStrided", "emptyStrided" -> {
        if (name.equals("shape")) return each(draw.between(0, 3), () -> draw.of(1, 2, 2, 3));
        if (before.get("shape") != null)
          return each(((List<?>) before.get("shape").value()).size(), () -> draw.of(0, 1, 1, 2, 3));
      }
      case "split", "tensorSplit" -> {
        return method.equals("split")
            ? parts(size(shape, before))
            : each(draw.between(0, 3), () -> draw.between(-1, 4));
      }
      case "at", "atLong" -> {
        int[] at = new int[dims];
        for (int d = 0; d < dims; d++) at[d] = draw.between(-shape[d], Math.max(shape[d] - 1, 0));
        return at;
      }
      case "roll" -> {
        if (name.equals("shifts")) return each(Math.max(1, dims), () -> draw.between(-3, 3));
      }
      default -> {}
    }
    if (window(name) != null) {
      boolean oneForAll = draw.chance(0.5);
      return each(oneForAll ? 1 : draw.chance(0.03) ? 3 : 2, () -> window(name));
    }
    if (method.equals("interpolate"))
      return each(draw.chance(0.5) ? 1 : Math.max(dims - 2, 1), () -> draw.between(1, 7));
    if (name.equals("shape") || name.equals("sizes") || name.equals("size")) return leaves.shape();
    if (name.equals("destination") && before.get("source") != null)
      return subset(dims, ((List<?>) before.get("source").value()).size());
    if (method.equals("rot90"))
      return draw.chance(0.9) && dims >= 2 ? subset(dims, 2) : subset(dims, dims);
    return draw.chance(0.12) ? new int[0] : subset(dims, draw.between(dims == 0 ? 0 : 1, dims));
  }

  private int[] each(int n, java.util.function.IntSupplier size) {
    int[] a = new int[n];
    for (int i = 0; i < n; i++) a[i] = size.getAsInt();
    return a;
  }

  /* Distinct dimensions, now and then one twice or out of range. */
  private int[] subset(int dims, int count) {
    List<Integer> all = new ArrayList<>();
    for (int d = 0; d < dims; d++) all.add(draw.chance(0.3) ? d - dims : d);
    int[] chosen = draw.shuffled(all).stream().limit(count).mapToInt(Integer::intValue).toArray();
    if (chosen.length > 0 && draw.chance(0.03))
      chosen[0] = draw.of(dims, -dims - 1, chosen[chosen.length - 1]);
    return chosen;
  }

  private int[] permutation(int dims) {
    return draw.chance(0.03) ? subset(dims, Math.max(dims - 1, 0)) : subset(dims, dims);
  }

  private static int numel(int[] shape) {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  /* A shape of so many elements, perhaps with a -1. */
  private int[] factors(Leaves leaves, int numel) {
    if (draw.chance(0.04)) return leaves.shape();
    List<Integer> sizes = new ArrayList<>();
    int rest = numel;
    for (int f : new int[] {2, 3, 5})
      while (rest > 1 && rest % f == 0 && draw.chance(0.6)) {
        sizes.add(f);
        rest /= f;
      }
    if (rest != 1 || draw.chance(0.3)) sizes.add(rest);
    if (draw.chance(0.2)) sizes.add(1);
    sizes = draw.shuffled(sizes);
    if (!sizes.isEmpty() && draw.chance(0.3)) sizes.set(draw.between(0, sizes.size() - 1), -1);
    return sizes.stream().mapToInt(Integer::intValue).toArray();
  }

  private int[] expanded(int[] shape) {
    int more = draw.of(0, 0, 1);
    int[] target = new int[shape.length + more];
    for (int d = 0; d < target.length; d++) {
      int size = d < more ? draw.between(1, 3) : shape[d - more];
      if (d >= more && size == 1) size = draw.of(1, 2, 3, 0);
      target[d] = d >= more && draw.chance(0.15) ? -1 : draw.chance(0.03) ? size + 1 : size;
    }
    return target;
  }

  /* A shape that broadcasts to the given one. */
  int[] narrowed(int[] shape) {
    int from = draw.chance(0.3) ? draw.between(0, shape.length) : 0;
    int[] narrowed = Arrays.copyOfRange(shape, from, shape.length);
    for (int d = 0; d < narrowed.length; d++) if (draw.chance(0.25)) narrowed[d] = 1;
    return narrowed;
  }

  private int[] parts(int n) {
    List<Integer> parts = new ArrayList<>();
    for (int rest = n; rest > 0; ) {
      int part = draw.between(0, rest);
      parts.add(part);
      rest -= part;
    }
    if (draw.chance(0.04)) parts.add(1);
    return parts.stream().mapToInt(Integer::intValue).toArray();
  }
}
