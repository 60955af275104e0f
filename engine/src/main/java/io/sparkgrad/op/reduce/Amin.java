package io.sparkgrad.op.reduce;

/** y = the smallest element over some or all dimensions. */
final class Amin extends AmaxAmin {
  Amin(int[] dims, boolean keepDim) {
    super(false, dims, keepDim);
  }

  @Override
  ReduceOp with(int[] dims, boolean keepDim) {
    return new Amin(dims, keepDim);
  }
}
