package io.sparkgrad.op.linalg;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.CallError;
import io.sparkgrad.op.kernel.Dims;

/** Sums of products over pairs of dimensions, as one product of matrices. */
final class Tensordot {
  private Tensordot() {}

  /** Over the last dimensions of a and the first of b. */
  static Tensor of(Tensor a, Tensor b, int dims) {
    if (dims < 0)
      throw new IllegalArgumentException(
          "tensordot expects dims >= 0, but got dims=%d".formatted(dims));
    int[] last = new int[dims];
    int[] first = new int[dims];
    for (int i = 0; i < dims; i++) {
      last[i] = i - dims;
      first[i] = i;
    }
    return of(a, b, last, first);
  }

  static Tensor of(Tensor a, Tensor b, int[] dimsA, int[] dimsB) {
    if (dimsA.length != dimsB.length)
      throw new IllegalArgumentException(
          "tensordot: both dimension lists should have same length, got %d and %d"
              .formatted(dimsA.length, dimsB.length));
    checkRank(a, dimsA);
    checkRank(b, dimsB);
    Dims ofA = Dims.listed("tensordot", a, dimsA);
    Dims ofB = Dims.listed("tensordot", b, dimsB);
    try {
      return product(a, b, ofA, ofB, dimsA, dimsB);
    } catch (RuntimeException e) {
      throw CallError.of("tensordot", e);
    }
  }

  private static void checkRank(Tensor x, int... dims) {
    if (x.dim() == 0 && dims.length > 0)
      throw new IndexOutOfBoundsException(
          "tensordot: Dimension specified as %d but tensor has no dimensions".formatted(dims[0]));
  }

  private static Tensor product(Tensor a, Tensor b, Dims ofA, Dims ofB, int[] dimsA, int[] dimsB) {
    int n = dimsA.length;
    int[] inA = new int[n];
    int[] inB = new int[n];
    int inner = 1;
    for (int i = 0; i < n; i++) {
      inA[i] = Shape.dim(dimsA[i], a.dim());
      inB[i] = Shape.dim(dimsB[i], b.dim());
      int x = a.size(dimsA[i]);
      int y = b.size(dimsB[i]);
      if (y == 1) a = sum(a, inA[i], b);
      else if (x == 1) b = sum(b, inB[i], a);
      else if (x != y)
        throw new IllegalArgumentException(
            "contracted dimensions need to match, but first has size %d in dim %d and second has size %d in dim %d"
                .formatted(x, dimsA[i], y, dimsB[i]));
      inner *= Math.min(a.shape()[inA[i]], b.shape()[inB[i]]);
    }
    int[] rows = Dims.pick(a.shape(), ofA.kept());
    int[] columns = Dims.pick(b.shape(), ofB.kept());
    Tensor left = a.permute(joined(ofA.kept(), inA)).reshape(Shape.numel(rows), inner);
    Tensor right = b.permute(joined(inB, ofB.kept())).reshape(inner, Shape.numel(columns));
    return left.mm(right).reshape(joined(rows, columns));
  }

  /* Whole numbers become int64, as sums do, unless the other factor is of the same type. */
  private static Tensor sum(Tensor x, int dim, Tensor other) {
    Tensor sum = x.sum(dim, true);
    return x.dtype() == other.dtype() ? sum.to(x.dtype()) : sum;
  }

  private static int[] joined(int[] a, int[] b) {
    int[] both = java.util.Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
