package io.sparkgrad.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Draws leaves: dtypes, shapes, strides and numbers at points without a derivative, ties,
 * infinities and NaN.
 */
final class Leaves {
  private static final List<String> FLOATS =
      List.of("float64", "float64", "float64", "float64", "float64", "float32", "float32");
  private static final List<String> INTEGERS = List.of("int64", "int64", "int64", "int32");
  private static final Double[] EDGES = {
    0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 3.0, -3.0, 2.0, -2.0, 6.0, 0.25, 1.5, 20.0, -20.0
  };
  private static final Double[] SPECIAL = {
    Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN, 0.0, -0.0, 1.0, -1.0, 2.5
  };
  private static final Double[] EXTREME = {
    1e10, -1e10, 1e-10, 1e300, 1e-300, 9007199254740993.0, 88.0, -100.0, 710.0, 1e38, 16777217.0
  };
  private static final Long[] LARGE = {
    (1L << 53) + 1,
    (1L << 53) - 1,
    -(1L << 53) - 1,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    1L << 24 | 1,
    0L,
    3L
  };

  private final Draw draw;

  Leaves(Draw draw) {
    this.draw = draw;
  }

  int[] shape() {
    int dims = draw.of(0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 4);
    return shape(dims);
  }

  int[] shape(int dims) {
    int[] shape = new int[dims];
    for (int d = 0; d < dims; d++) shape[d] = size();
    return shape;
  }

  int size() {
    return draw.chance(0.04) ? 0 : draw.of(1, 1, 2, 2, 3, 3, 3, 4, 5);
  }

  /** Mostly floats. */
  String dtype() {
    double p = draw.real(0, 1);
    if (p < 0.72) return draw.of(FLOATS);
    if (p < 0.88) return draw.of(INTEGERS);
    if (p < 0.95) return "bool";
    String other = draw.of(others());
    return isFloating(other) && draw.chance(0.97) ? "uint8" : other; // halves only store numbers
  }

  String floating() {
    return draw.of(FLOATS);
  }

  String integer() {
    return draw.of(INTEGERS);
  }

  /** Types that are stored, and of which the integers compute. */
  private static List<String> others() {
    List<String> known = List.of("bool", "int32", "int64", "float32", "float64");
    List<String> others = new ArrayList<>();
    for (Object d : io.sparkgrad.DType.values()) {
      String name = d.toString().substring("torch.".length());
      if (!known.contains(name)) others.add(name);
    }
    return others.isEmpty() ? known : others;
  }

  static boolean isFloating(String dtype) {
    return dtype.startsWith("float") || dtype.startsWith("bfloat");
  }

  Statement.Leaf leaf(String id, String dtype, int... shape) {
    return leaf(id, dtype, isFloating(dtype) && draw.chance(0.55), shape);
  }

  Statement.Leaf leaf(String id, String dtype, boolean grad, int... shape) {
    int numel = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    if (shape.length == 0 || draw.chance(0.65))
      return new Statement.Leaf(id, dtype, values(dtype, numel), shape, null, 0, grad);
    return strided(id, dtype, grad, shape);
  }

  /** Dimensions in another order, with gaps, an offset, or a stride of 0. */
  private Statement.Leaf strided(String id, String dtype, boolean grad, int[] shape) {
    List<Integer> order = new ArrayList<>();
    for (int d = 0; d < shape.length; d++) order.add(d);
    if (draw.chance(0.7)) order = draw.shuffled(order);
    int[] strides = new int[shape.length];
    int expanded = draw.chance(0.2) ? draw.between(0, shape.length - 1) : -1;
    int gap = draw.of(1, 1, 2);
    int step = gap;
    for (int i = shape.length - 1; i >= 0; i--) {
      int d = order.get(i);
      strides[d] = d == expanded ? 0 : step;
      if (d != expanded) step *= Math.max(shape[d], 1);
    }
    int offset = draw.of(0, 0, 1, 3);
    return new Statement.Leaf(
        id, dtype, values(dtype, step + offset), shape, strides, offset, grad);
  }

  List<Object> values(String dtype, int n) {
    List<Object> values = new ArrayList<>();
    if (dtype.equals("bool")) for (int i = 0; i < n; i++) values.add(draw.chance(0.5));
    else if (isFloating(dtype)) return floats(n);
    else return integers(dtype, n);
    return values;
  }

  private List<Object> floats(int n) {
    List<Object> values = new ArrayList<>();
    double style = draw.real(0, 1);
    for (int i = 0; i < n; i++) values.add(style < 0.5 ? (Object) smooth() : number(style));
    if (style > 0.92) Collections.fill(values, values.isEmpty() ? 0.0 : values.get(0));
    return values;
  }

  private Double number(double style) {
    if (style < 0.72) return draw.of(EDGES);
    if (style < 0.80) return draw.of(1.0, -0.5);
    if (style < 0.88) return draw.chance(0.5) ? draw.of(SPECIAL) : smooth();
    if (style < 0.91) return draw.chance(0.4) ? draw.of(EXTREME) : smooth();
    return smooth();
  }

  private Double smooth() {
    return Math.round(draw.real(-2.5, 2.5) * 1000) / 1000.0;
  }

  private List<Object> integers(String dtype, int n) {
    List<Object> values = new ArrayList<>();
    double style = draw.real(0, 1);
    boolean small = dtype.equals("int64");
    for (int i = 0; i < n; i++) {
      long v =
          style < 0.6
              ? draw.between(-5, 9)
              : style < 0.8 ? draw.between(0, 3) : style < 0.9 || !small ? draw.of(1, 2) : large();
      values.add(dtype.equals("uint8") ? Math.abs(v) : v);
    }
    return values;
  }

  private long large() {
    return draw.chance(0.5) ? draw.of(LARGE) : draw.between(-5, 9);
  }
}
