package io.sparkgrad.op.kernel;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;

/** Which dimensions a reduction folds, and what shape is left. */
public record Dims(int[] kept, int[] folded, int[] result) {
  /** No dims means all of them, as in PyTorch. */
  public static Dims of(String op, Tensor x, int[] dims, boolean keepDim) {
    boolean[] fold = new boolean[Math.max(1, x.dim())];
    for (int d : dims) {
      int dim = Shape.dim(d, x.dim());
      if (fold[dim])
        throw new IllegalArgumentException(
            "%s: dim %s appears multiple times in the list of dims".formatted(op, dim));
      fold[dim] = true;
    }
    if (dims.length == 0) java.util.Arrays.fill(fold, true);
    int folds = 0;
    for (int d = 0; d < x.dim(); d++) if (fold[d]) folds++;
    int[] kept = new int[x.dim() - folds];
    int[] folded = new int[folds];
    int[] result = new int[keepDim ? x.dim() : kept.length];
    for (int d = 0, k = 0, f = 0, r = 0; d < x.dim(); d++) {
      if (fold[d]) {
        folded[f++] = d;
        if (keepDim) result[r++] = 1;
      } else {
        kept[k++] = d;
        result[r++] = x.shape()[d];
      }
    }
    return new Dims(kept, folded, result);
  }

  /** The given dimensions only: none means none. */
  public static Dims listed(String op, Tensor x, int[] dims) {
    if (dims.length > 0) return of(op, x, dims, false);
    int[] all = new int[x.dim()];
    for (int d = 0; d < all.length; d++) all[d] = d;
    return new Dims(all, dims, x.shape());
  }

  /** The given dimensions, or all if none is: a node tells an empty list from no list. */
  public static int[] orAll(int[] dims, Tensor x) {
    if (dims.length > 0) return dims;
    int[] all = new int[Math.max(1, x.dim())];
    for (int d = 0; d < all.length; d++) all[d] = d;
    return all;
  }

  /** How many elements a result folds; no dims means all. */
  public static int count(int[] shape, int[] dims) {
    if (dims.length == 0) return Shape.numel(shape);
    int n = 1;
    for (int d : dims) if (shape.length > 0) n *= shape[Shape.dim(d, shape.length)];
    return n;
  }

  /** The sizes of some dimensions. */
  public static int[] pick(int[] of, int[] dims) {
    int[] out = new int[dims.length];
    for (int i = 0; i < dims.length; i++) out[i] = of[dims[i]];
    return out;
  }

  /**
   * The gradient of a reduction's result with its folded dimensions back as 1, so that it
   * broadcasts.
   */
  public static Tensor restore(Tensor g, int[] inputShape, int[] dims) {
    if (g.dim() == inputShape.length) return g;
    int[] shape = inputShape.clone();
    if (dims.length == 0) java.util.Arrays.fill(shape, 1);
    for (int d : dims) shape[Shape.dim(d, inputShape.length)] = 1;
    return g.reshape(shape);
  }
}
