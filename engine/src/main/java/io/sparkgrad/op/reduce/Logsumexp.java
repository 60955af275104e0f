package io.sparkgrad.op.reduce;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.kernel.Dims;

/**
 * y = ln Σ exp(x) over dimensions, by their maximum so that nothing overflows, -∞ of nothing; dx =
 * g·exp(x - y), 0 where all elements are -∞.
 */
final class Logsumexp extends DimsOp {
  /** No dims means all. */
  Logsumexp(int[] dims, boolean keepDim) {
    super(dims, keepDim);
  }

  @Override
  public String cudaSupport() {
    return "composed of amax, exp, sum and log";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0].to(in[0].dtype().orFloat());
    Tensor y = x.numel() == 0 ? x.sum(dims, true).log() : shifted(x);
    Tensor out = y.reshape(Dims.of(name(), x, dims, keepDim).result());
    ctx.save(in[0], out);
    return new Tensor[] {out};
  }

  private Tensor shifted(Tensor x) {
    Tensor most = Ops.call(new Amax(dims, true), x);
    Tensor shift = most.isinf().where(Tensor.zeros(x.dtype()), most);
    return x.sub(shift).exp().sum(dims, true).log().add(shift);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    int[] shape = ctx.inputShape(0);
    Tensor y = Dims.restore(ctx.saved(1), shape, dims);
    Tensor finite = y.eq(Double.NEGATIVE_INFINITY).where(Tensor.zeros(y.dtype()), y);
    return new Tensor[] {Dims.restore(grads[0], shape, dims).mul(ctx.saved(0).sub(finite).exp())};
  }

  @Override
  DimsOp with(int[] dims, boolean keepDim) {
    return new Logsumexp(dims, keepDim);
  }
}
