package io.sparkgrad;

import java.util.Arrays;

/**
 * Arithmetic of shapes and strides. A shape is an {@code int[]}, outermost dimension first; {@code
 * []} is 0-dim.
 */
public final class Shape {
  private Shape() {}

  /** Count of elements; errors past what one Java array can hold. */
  public static int numel(int... shape) {
    long n = 1;
    for (int s : shape) {
      if (s < 0)
        throw new IllegalArgumentException("negative size in shape " + Arrays.toString(shape));
      n *= s;
      if (n > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException(
            "shape %s has more elements than one tensor can hold (2^31)"
                .formatted(Arrays.toString(shape)));
      }
    }
    return (int) n;
  }

  /** Row-major strides. */
  public static int[] strides(int... shape) {
    int[] strides = new int[shape.length];
    int step = 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      strides[d] = step;
      step *= Math.max(1, shape[d]);
    }
    return strides;
  }

  /** Whether these strides walk the shape in row-major order without gaps. */
  public static boolean isContiguous(int[] shape, int[] strides) {
    int step = 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      if (shape[d] != 1 && strides[d] != step) return numel(shape) == 0;
      step *= shape[d];
    }
    return true;
  }

  /** A dimension counted from the end made positive; a 0-dim tensor has the dimensions -1 and 0. */
  public static int dim(int d, int rank) {
    int n = Math.max(1, rank);
    if (d < -n || d >= n) {
      throw new IndexOutOfBoundsException(
          "Dimension out of range (expected to be in range of [%s, %s], but got %s)"
              .formatted(-n, n - 1, d));
    }
    return d < 0 ? d + n : d;
  }

  /** A shape, or strides, without one dimension. */
  public static int[] without(int[] all, int d) {
    int[] rest = Arrays.copyOf(all, all.length - 1);
    System.arraycopy(all, d + 1, rest, d, rest.length - d);
    return rest;
  }

  /** The shape two operands broadcast to, by NumPy's rule. */
  public static int[] broadcast(String op, int[] a, int[] b) {
    if (Arrays.equals(a, b)) return a;
    int rank = Math.max(a.length, b.length);
    int[] out = new int[rank];
    for (int d = 1; d <= rank; d++) {
      int x = d <= a.length ? a[a.length - d] : 1;
      int y = d <= b.length ? b[b.length - d] : 1;
      if (x != y && x != 1 && y != 1) {
        throw new IllegalArgumentException(
            ("%s: The size of tensor a (%s) must match the size of tensor b (%s) at non-singleton "
                    + "dimension %s: shapes %s and %s do not broadcast")
                .formatted(op, x, y, rank - d, Arrays.toString(a), Arrays.toString(b)));
      }
      out[rank - d] = x == 1 ? y : x;
    }
    return out;
  }

  /** Whether {@code from} expands to {@code to} by broadcasting. */
  public static boolean expandsTo(int[] from, int[] to) {
    if (from.length > to.length) return false;
    for (int d = 1; d <= from.length; d++) {
      int f = from[from.length - d];
      if (f != 1 && f != to[to.length - d]) return false;
    }
    return true;
  }

  /**
   * Strides that walk {@code shape} as if it had been expanded to {@code target}: 0 where one
   * number is repeated.
   */
  public static int[] expandedStrides(int[] shape, int[] strides, int[] target) {
    int[] out = new int[target.length];
    int lead = target.length - shape.length;
    for (int d = 0; d < shape.length; d++)
      out[lead + d] = shape[d] == 1 && target[lead + d] != 1 ? 0 : strides[d];
    return out;
  }

  /** The given shape with one {@code -1} worked out from the count of elements. */
  public static int[] infer(int[] shape, int numel) {
    int[] out = shape.clone();
    int hole = -1;
    long known = 1;
    for (int d = 0; d < out.length; d++) {
      if (out[d] < -1) {
        throw new IllegalArgumentException(
            "invalid shape dimension %s in %s".formatted(out[d], Arrays.toString(shape)));
      }
      if (out[d] == -1) {
        if (hole >= 0) throw new IllegalArgumentException("only one dimension can be inferred");
        hole = d;
      } else {
        known = Math.min(known * out[d], 1L << 31); // past any count, and far from overflow
      }
    }
    if (hole >= 0 && known > 0 && numel % known == 0) out[hole] = (int) (numel / known);
    else if (hole >= 0 || known != numel) {
      throw new IllegalArgumentException(
          "shape '%s' is invalid for input of size %s".formatted(Arrays.toString(shape), numel));
    }
    return out;
  }

  /**
   * Strides that show the same numbers under another shape without a copy, or null if there are
   * none.
   */
  public static int[] viewStrides(int[] shape, int[] strides, int[] target) {
    if (isContiguous(shape, strides)) return strides(target);
    int[] out = new int[target.length];
    int t = target.length - 1;
    int d = shape.length - 1;
    while (d >= 0) {
      /* Take a longest run of dimensions that lie in memory as one, and cut it as the target asks. */
      int step = strides[d];
      int run = shape[d];
      while (d > 0 && (shape[d - 1] == 1 || strides[d - 1] == step * run)) run *= shape[--d];
      int left = run;
      int at = step;
      while (t >= 0 && (left > 1 || target[t] == 1)) {
        if (left % target[t] != 0) return null;
        out[t] = at;
        at *= target[t];
        left /= target[t--];
      }
      if (left != 1) return null;
      d--;
    }
    return t < 0 ? out : null;
  }
}
