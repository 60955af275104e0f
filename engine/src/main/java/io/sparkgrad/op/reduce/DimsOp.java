package io.sparkgrad.op.reduce;

import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/** The family of operations over some or all dimensions, which are left out or stay as 1. */
abstract class DimsOp extends Op {
  final int[] dims;
  final boolean keepDim;

  /** No dims means all. */
  DimsOp(int[] dims, boolean keepDim) {
    this.dims = dims;
    this.keepDim = keepDim;
  }

  /** The same operation over others. */
  abstract DimsOp with(int[] dims, boolean keepDim);

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 4)),
        new SampleInput(with(new int[] {1}, false), make.any(2, 3, 4)),
        new SampleInput(with(new int[] {0, 2}, true), make.any(2, 3, 4)),
        new SampleInput(with(new int[] {0}, false), make.any(4, 3).t()));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        with(new int[] {2}, false)
            .errorInput(
                "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
                make.any(2, 3)),
        with(new int[] {0, 0}, false)
            .errorInput("dim 0 appears multiple times in the list of dims", make.any(2, 3)));
  }
}
