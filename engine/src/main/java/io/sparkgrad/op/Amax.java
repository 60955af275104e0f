package io.sparkgrad.op;

/** y = the largest element over some or all dimensions. */
final class Amax extends Extreme {
  Amax(int[] dims, boolean keepDim) {
    super(true, dims, keepDim);
  }

  @Override
  Fold with(int[] dims, boolean keepDim) {
    return new Amax(dims, keepDim);
  }
}
