package io.sparkgrad;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.function.LongPredicate;
import java.util.function.LongToDoubleFunction;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The text of a tensor, PyTorch's to the letter (torch/_tensor_str.py with its default options).
 *
 * <p>Elements are read by their row-major index, only those that are shown: a tensor of more than
 * 1,000 elements shows three at each end of every longer axis, and its columns are as wide as the
 * shown ones need. No locale is asked: the decimal point is a point everywhere.
 */
final class TensorFormat {
  private static final int PRECISION = 4;
  private static final int THRESHOLD = 1000; // elements
  private static final int EDGE = 3; // elements
  private static final int LINE = 80; // characters
  private static final String PREFIX = "tensor(";

  private final int[] shape;
  private final long[] strides; // row-major, in elements
  private final long count;
  private final boolean summarize;

  private TensorFormat(int[] shape) {
    this.shape = shape;
    strides = new long[shape.length];
    long n = 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      strides[d] = n;
      n *= shape[d];
    }
    count = n;
    summarize = count > THRESHOLD;
  }

  /**
   * The text of a floating tensor.
   *
   * @param at the element at a row-major index
   * @param dtype PyTorch's name, {@code torch.float64}; shown if it is not float32
   * @param device {@code cuda:0}, or null for the CPU
   * @param gradient {@code requires_grad=True} or {@code grad_fn=<AddBackward0>}, or null
   */
  static String floats(
      int[] shape, LongToDoubleFunction at, String dtype, String device, String gradient) {
    TensorFormat f = new TensorFormat(shape);
    Floats style = Floats.of(f.shown().mapToDouble(at).toArray());
    LongFunction<String> cell = i -> style.text(at.applyAsDouble(i));
    return f.text(cell, style.width, dtype, device, gradient);
  }

  /** The text of an integer tensor; parameters as in {@link #floats}, int64 is not shown. */
  static String integers(int[] shape, LongUnaryOperator at, String dtype, String device) {
    return plain(shape, i -> Long.toString(at.applyAsLong(i)), dtype, device);
  }

  /** The text of a boolean tensor; parameters as in {@link #floats}. */
  static String booleans(int[] shape, LongPredicate at, String device) {
    return plain(shape, i -> at.test(i) ? "True" : "False", "torch.bool", device);
  }

  private static String plain(int[] shape, LongFunction<String> cell, String dtype, String device) {
    TensorFormat f = new TensorFormat(shape);
    int width = f.shown().mapToObj(cell).mapToInt(String::length).max().orElse(1);
    return f.text(cell, width, dtype, device, null);
  }

  // ---- brackets, lines and suffixes

  private String text(
      LongFunction<String> cell, int width, String dtype, String device, String gradient) {
    boolean empty = count == 0;
    List<String> suffixes = new ArrayList<>();
    if (device != null) suffixes.add("device='" + device + "'");
    if (empty && shape.length != 1) suffixes.add("size=" + tuple());
    if (!isUnderstood(dtype, empty)) suffixes.add("dtype=" + dtype);
    if (gradient != null) suffixes.add(gradient);
    LongFunction<String> padded = i -> padded(cell.apply(i), width);
    String body = empty ? "[]" : body(0, 0, width, padded);
    return withSuffixes(PREFIX + body, suffixes);
  }

  /* 1. is a float32, 1 an int64, True a bool; [] says nothing, so there only the default type goes without saying. */
  private static boolean isUnderstood(String dtype, boolean empty) {
    return dtype.equals("torch.float32")
        || !empty && (dtype.equals("torch.int64") || dtype.equals("torch.bool"));
  }

  private static String withSuffixes(String text, List<String> suffixes) {
    StringBuilder out = new StringBuilder(text);
    int line = text.length() - text.lastIndexOf('\n') + 1;
    for (String s : suffixes) {
      if (line + s.length() + 2 > LINE) {
        out.append(",\n").append(" ".repeat(PREFIX.length())).append(s);
        line = PREFIX.length() + s.length();
      } else {
        out.append(", ").append(s);
        line += s.length() + 2;
      }
    }
    return out.append(')').toString();
  }

  /** The part from {@code offset} on of which {@code dim} axes are fixed. */
  private String body(int dim, long offset, int width, LongFunction<String> cell) {
    int axes = shape.length - dim;
    if (axes == 0) return cell.apply(offset);
    int indent = PREFIX.length() + dim;
    if (axes == 1) return row(offset, indent, width, cell);
    List<String> parts = new ArrayList<>();
    for (int i : shownOf(dim)) {
      parts.add(i < 0 ? "..." : body(dim + 1, offset + i * strides[dim], width, cell));
    }
    return "[" + String.join("," + "\n".repeat(axes - 1) + spaces(indent), parts) + "]";
  }

  private String row(long offset, int indent, int width, LongFunction<String> cell) {
    int perLine = Math.max(1, Math.floorDiv(LINE - indent, width + 2)); // 2: comma and space
    List<String> cells = new ArrayList<>();
    for (int i : shownOf(shape.length - 1)) cells.add(i < 0 ? " ..." : cell.apply(offset + i));
    List<String> lines = new ArrayList<>();
    for (int at = 0; at < cells.size(); at += perLine) {
      lines.add(String.join(", ", cells.subList(at, Math.min(at + perLine, cells.size()))));
    }
    return "[" + String.join(",\n" + spaces(indent), lines) + "]";
  }

  /* Below the first bracket's content. */
  private static String spaces(int indent) {
    return " ".repeat(indent + 1);
  }

  private static String padded(String s, int width) {
    return " ".repeat(Math.max(0, width - s.length())) + s;
  }

  private String tuple() {
    return Arrays.stream(shape)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", ", "(", ")"));
  }

  // ---- which elements are shown

  /** The positions of one axis that are shown; -1 stands for those left out. */
  private int[] shownOf(int dim) {
    int size = shape[dim];
    if (!summarize || size <= 2 * EDGE) {
      return IntStream.range(0, size).toArray();
    }
    int[] shown = new int[2 * EDGE + 1];
    for (int i = 0; i < EDGE; i++) {
      shown[i] = i;
      shown[EDGE + 1 + i] = size - EDGE + i;
    }
    shown[EDGE] = -1;
    return shown;
  }

  private LongStream shown() {
    LongStream.Builder indices = LongStream.builder();
    if (count > 0) collect(0, 0, indices);
    return indices.build();
  }

  private void collect(int dim, long offset, LongConsumer to) {
    if (dim == shape.length) {
      to.accept(offset);
      return;
    }
    for (int i : shownOf(dim)) if (i >= 0) collect(dim + 1, offset + i * strides[dim], to);
  }

  // ---- floating numbers

  /** How the numbers of one tensor are written: all alike, chosen by the finite ones but zero. */
  private static final class Floats {
    private final boolean whole; // 3. or 3.0000
    private final boolean scientific;
    private int width = 1; // zeros, nan and inf take no part in it

    private Floats(boolean whole, boolean scientific) {
      this.whole = whole;
      this.scientific = scientific;
    }

    static Floats of(double[] shown) {
      double[] telling = Arrays.stream(shown).filter(v -> v != 0 && Double.isFinite(v)).toArray();
      if (telling.length == 0) return new Floats(true, false);
      double min = Arrays.stream(telling).map(Math::abs).min().getAsDouble();
      double max = Arrays.stream(telling).map(Math::abs).max().getAsDouble();
      boolean whole = Arrays.stream(telling).allMatch(v -> v == Math.ceil(v));
      boolean scientific = max / min > 1000 || max > 1e8 || !whole && min < 1e-4;
      Floats style = new Floats(whole, scientific);
      for (double v : telling) style.width = Math.max(style.width, style.text(v).length());
      return style;
    }

    String text(double v) {
      if (Double.isNaN(v)) return "nan";
      String sign = Double.doubleToRawLongBits(v) < 0 ? "-" : "";
      if (Double.isInfinite(v)) return sign + "inf";
      // The number's exact decimal, rounded half to even as C does; Formatter rounds a shortened
      // one half up.
      BigDecimal exact = new BigDecimal(Math.abs(v));
      if (scientific) return sign + scientific(exact);
      if (whole) return sign + fixed(exact, 0) + ".";
      return sign + fixed(exact, PRECISION);
    }

    private static String fixed(BigDecimal exact, int places) {
      return exact.setScale(places, RoundingMode.HALF_EVEN).toPlainString();
    }

    private static String scientific(BigDecimal exact) {
      BigDecimal d = exact.round(new MathContext(PRECISION + 1, RoundingMode.HALF_EVEN));
      int exponent = d.signum() == 0 ? 0 : d.precision() - d.scale() - 1;
      String mantissa = fixed(d.movePointLeft(exponent), PRECISION);
      String digits = Integer.toString(Math.abs(exponent));
      return mantissa + (exponent < 0 ? "e-" : "e+") + (digits.length() < 2 ? "0" : "") + digits;
    }
  }
}
