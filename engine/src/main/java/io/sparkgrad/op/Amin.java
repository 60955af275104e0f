package io.sparkgrad.op;

/** y = the smallest element over some or all dimensions. */
final class Amin extends Extreme {
  Amin(int[] dims, boolean keepDim) {
    super(false, dims, keepDim);
  }

  @Override
  Fold with(int[] dims, boolean keepDim) {
    return new Amin(dims, keepDim);
  }
}
