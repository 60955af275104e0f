package io.sparkgrad.op.reduce;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.kernel.Dims;

/** y = Σ x over dimensions, NaN counting as 0; dx = g, times 0 where x is NaN. */
final class Nansum extends DimsOp {
  /** No dims means all. */
  Nansum(int[] dims, boolean keepDim) {
    super(dims, keepDim);
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
  DimsOp with(int[] dims, boolean keepDim) {
    return new Nansum(dims, keepDim);
  }
}
