package io.sparkgrad.op.kernel;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import java.util.Comparator;
import java.util.stream.IntStream;

/** How a tensor shows the numbers of a storage: sizes, steps, and where the first one lies. */
public record TensorGeometry(int[] shape, int[] strides, int offset) {
  /** The geometry of a number at the start of its storage. */
  public static final TensorGeometry SCALAR = new TensorGeometry(new int[0], new int[0], 0);

  public static TensorGeometry of(Tensor t) {
    return new TensorGeometry(t.shape(), t.strides(), t.offset());
  }

  /**
   * The strides of a new result of operands broadcast to {@code shape}: without gaps, and in the
   * order of theirs, the first operands' first, so that all can be walked in one run (the strides
   * that PyTorch's TensorIterator and preserve_format give).
   */
  public static int[] stridesLike(int[] shape, Tensor... operands) {
    if (areContiguous(operands)) return Shape.strides(shape);
    int[] strides = new int[shape.length];
    int step = 1;
    for (int d : innermostFirst(shape, operands)) {
      strides[d] = step;
      step *= Math.max(1, shape[d]);
    }
    return strides;
  }

  public static boolean areContiguous(Tensor... operands) {
    for (Tensor t : operands) if (!t.isContiguous()) return false;
    return true;
  }

  /* Sorted by insertion, since some pairs have no order: those of which no operand knows. */
  static int[] innermostFirst(int[] shape, Tensor... operands) {
    int[][] strides = new int[operands.length][];
    for (int k = 0; k < strides.length; k++)
      strides[k] = Shape.expandedStrides(operands[k].shape(), operands[k].strides(), shape);
    int[] order = new int[shape.length];
    for (int i = 0; i < order.length; i++) {
      int at = i;
      order[at] = shape.length - 1 - i;
      for (int before = i - 1; before >= 0; before--) {
        int compared = compare(order[before], order[at], shape, strides);
        if (compared < 0) break;
        if (compared == 0) continue;
        int d = order[at];
        order[at] = order[before];
        order[before] = d;
        at = before;
      }
    }
    return order;
  }

  private static int compare(int a, int b, int[] shape, int[][] strides) {
    for (int[] steps : strides) {
      if (steps[a] == 0 || steps[b] == 0) continue;
      if (steps[a] != steps[b]) return Integer.compare(steps[a], steps[b]);
      if (shape[a] > shape[b]) return 1;
    }
    return 0;
  }

  /** The same with the storage's first numbers left out. */
  public TensorGeometry from(int first) {
    return new TensorGeometry(shape, strides, offset - first);
  }

  /** Behind the last number that is shown. */
  public int end() {
    if (Shape.numel(shape) == 0) return offset;
    long last = offset;
    for (int d = 0; d < shape.length; d++) last += (shape[d] - 1L) * strides[d];
    return (int) Math.min(last + 1, Integer.MAX_VALUE);
  }

  public boolean isContiguous() {
    return Shape.isContiguous(shape, strides);
  }

  /** Whether it shows each number between its first and its last just once, in whatever order. */
  public boolean isDense() {
    return end() - offset == Shape.numel(shape) && !overlaps();
  }

  /** A view in this geometry of a row of the storage's numbers, which begins at the given one. */
  public Tensor in(Tensor row, int first) {
    return row.alias(shape, strides, row.offset() + offset - first);
  }

  /** Whether a number is, or may be, shown more than once. */
  public boolean overlaps() {
    return overlapping() >= 0;
  }

  /**
   * A dimension whose steps do not leave all that smaller steps reach, or -1; of such a pair the
   * shorter one.
   */
  public int overlapping() {
    if (Shape.numel(shape) == 0) return -1;
    int[] bySteps =
        IntStream.range(0, shape.length)
            .filter(d -> shape[d] > 1)
            .boxed()
            .sorted(Comparator.comparingInt(d -> strides[d]))
            .mapToInt(d -> d)
            .toArray();
    long reached = 0;
    int before = -1;
    for (int d : bySteps) {
      if (strides[d] <= reached)
        return before >= 0 && strides[d] > 0 && shape[before] < shape[d] ? before : d;
      reached += (shape[d] - 1L) * strides[d];
      before = d;
    }
    return -1;
  }
}
