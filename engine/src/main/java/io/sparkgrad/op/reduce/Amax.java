package io.sparkgrad.op.reduce;

/** y = the largest element over some or all dimensions. */
final class Amax extends AmaxAmin {
  Amax(int[] dims, boolean keepDim) {
    super(true, dims, keepDim);
  }

  @Override
  ReduceOp with(int[] dims, boolean keepDim) {
    return new Amax(dims, keepDim);
  }
}
