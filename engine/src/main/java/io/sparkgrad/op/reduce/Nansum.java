package io.sparkgrad.op.reduce;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.Dims;
import java.util.List;

/** y = Σ x over dimensions, NaN counting as 0; dx = g, times 0 where x is NaN. */
final class Nansum extends Op {
  private final int[] dims;
  private final boolean keepDim;

  /** No dims means all. */
  Nansum(int[] dims, boolean keepDim) {
    this.dims = dims;
    this.keepDim = keepDim;
  }

  @Override
  public String cudaSupport() {
    return "composed of where and sum";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    ctx.save(in[0]);
    Tensor known = in[0].isnan().where(Tensor.number(0L), in[0]);
    return new Tensor[] {known.sum(dims, keepDim)};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = Dims.restore(grads[0], ctx.inputShape(0), dims);
    return new Tensor[] {g.mul(ctx.saved(0).isnan().logicalNot())};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 4)),
        new SampleInput(new Nansum(new int[] {1}, false), make.any(2, 3, 4)),
        new SampleInput(new Nansum(new int[] {0, 2}, true), make.any(2, 3, 4)),
        new SampleInput(new Nansum(new int[] {0}, false), make.any(4, 3).t()));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Nansum(new int[] {2}, false)
            .errorInput(
                "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
                make.any(2, 3)));
  }
}
