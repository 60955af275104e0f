package io.sparkgrad.op.reduce;

/** The smallest element along a dimension and its index, the first one of several. */
final class MinDim extends MaxDim {
  MinDim(int dim, boolean keepDim) {
    super(false, dim, keepDim);
  }

  @Override
  MaxDim with(int dim, boolean keepDim) {
    return new MinDim(dim, keepDim);
  }
}
