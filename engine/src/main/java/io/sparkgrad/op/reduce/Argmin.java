package io.sparkgrad.op.reduce;

/** The index of the smallest element along a dimension, the first one of several. No derivative. */
final class Argmin extends Argmax {
  Argmin(int dim, boolean keepDim) {
    super(false, dim, keepDim);
  }

  @Override
  Argmax with(int dim, boolean keepDim) {
    return new Argmin(dim, keepDim);
  }
}
