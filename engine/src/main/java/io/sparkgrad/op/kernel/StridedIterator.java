package io.sparkgrad.op.kernel;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import java.util.Arrays;

/**
 * The positions of several operands while an index runs over a common shape; the innermost run is
 * left to a loop.
 */
public final class StridedIterator {
  /** Elements of the innermost run. */
  public final int run;

  private final int[] sizes;
  private final int[][] steps;
  private final int[] index;
  private final int[] at;

  /** Iterates over {@code out}, the last operand, and the inputs broadcast to it. */
  public StridedIterator(Tensor out, Tensor... in) {
    this(out.shape(), stridesOf(out, in), offsetsOf(out, in), out);
  }

  /* In the order in which the numbers of the result lie. */
  private StridedIterator(int[] shape, int[][] strides, int[] offsets, Tensor out) {
    this(
        shape,
        strides,
        offsets,
        out.isContiguous() ? null : TensorGeometry.innermostFirst(shape, out));
  }

  /** Iterates over one tensor, broadcast to a shape. */
  static StridedIterator alone(Tensor t, int[] shape) {
    int[] strides = Shape.expandedStrides(t.shape(), t.strides(), shape);
    return new StridedIterator(shape, new int[][] {strides}, new int[] {t.offset()});
  }

  /**
   * Over some dimensions of tensors that have the same sizes there, each from its first element.
   */
  public static StridedIterator over(int[] dims, Tensor... tensors) {
    StridedIterator iterator = relative(dims, tensors);
    for (int k = 0; k < tensors.length; k++) iterator.at[k] = tensors[k].offset();
    return iterator;
  }

  /** As {@link #over}, with positions that count from each tensor's first element: for pointers. */
  public static StridedIterator relative(int[] dims, Tensor... tensors) {
    int[][] strides = new int[tensors.length][];
    for (int k = 0; k < strides.length; k++) strides[k] = Dims.pick(tensors[k].strides(), dims);
    return new StridedIterator(
        Dims.pick(tensors[0].shape(), dims), strides, new int[tensors.length]);
  }

  /** Over some dimensions of one tensor, from a place in its storage. */
  public static StridedIterator from(int at, int[] dims, Tensor t) {
    StridedIterator iterator = relative(dims, t);
    iterator.at[0] = at;
    return iterator;
  }

  /** Iterates over a shape with the given strides, an array an operand. */
  public StridedIterator(int[] shape, int[][] strides, int[] offsets) {
    this(shape, strides, offsets, (int[]) null);
  }

  /* Null as the order is row-major. */
  private StridedIterator(int[] shape, int[][] strides, int[] offsets, int[] innermostFirst) {
    int operands = strides.length;
    int[] size = new int[Math.max(1, shape.length)];
    int[][] step = new int[operands][size.length];
    int rank = 0; // filled from the innermost dimension outwards
    for (int i = 0; i < shape.length; i++) {
      int d = innermostFirst == null ? shape.length - 1 - i : innermostFirst[i];
      if (shape[d] == 1) continue;
      if (rank > 0 && continues(strides, step, d, rank - 1, size[rank - 1])) {
        size[rank - 1] *= shape[d];
      } else {
        size[rank] = shape[d];
        for (int k = 0; k < operands; k++) step[k][rank] = strides[k][d];
        rank++;
      }
    }
    if (rank == 0) {
      size[0] = 1;
      for (int k = 0; k < operands; k++) step[k][0] = 1;
      rank = 1;
    }
    run = size[0];
    sizes = Arrays.copyOf(size, rank);
    steps = step;
    index = new int[rank];
    at = offsets;
  }

  /* Whether dimension d goes on where the run inside it ends, for every operand: then both are one run. */
  private static boolean continues(int[][] strides, int[][] step, int d, int inner, int size) {
    for (int k = 0; k < strides.length; k++)
      if (strides[k][d] != step[k][inner] * size) return false;
    return true;
  }

  private static int[][] stridesOf(Tensor out, Tensor... in) {
    int[][] strides = new int[in.length + 1][];
    for (int k = 0; k < in.length; k++) {
      strides[k] = Shape.expandedStrides(in[k].shape(), in[k].strides(), out.shape());
    }
    strides[in.length] = out.strides();
    return strides;
  }

  private static int[] offsetsOf(Tensor out, Tensor... in) {
    int[] offsets = new int[in.length + 1];
    for (int k = 0; k < in.length; k++) offsets[k] = in[k].offset();
    offsets[in.length] = out.offset();
    return offsets;
  }

  /** The count of dimensions that could not be made one with a neighbour. */
  public int rank() {
    return sizes.length;
  }

  int operands() {
    return steps.length;
  }

  /** Sizes, innermost first. */
  public int[] sizes() {
    return sizes;
  }

  /** Operand k's distances, innermost first. */
  public int[] steps(int k) {
    return Arrays.copyOf(steps[k], sizes.length);
  }

  /** Where operand k's run starts. */
  public int at(int k) {
    return at[k];
  }

  /** Where element i of operand k's run is. */
  public int at(int k, int i) {
    return at[k] + i * steps[k][0];
  }

  /** The distance of operand k's neighbours in a run. */
  public int step(int k) {
    return steps[k][0];
  }

  /** Moves to the next run; false after the last. */
  public boolean next() {
    for (int d = 1; d < sizes.length; d++) {
      for (int k = 0; k < at.length; k++) at[k] += steps[k][d];
      if (++index[d] < sizes[d]) return true;
      for (int k = 0; k < at.length; k++) at[k] -= steps[k][d] * sizes[d];
      index[d] = 0;
    }
    return false;
  }
}
