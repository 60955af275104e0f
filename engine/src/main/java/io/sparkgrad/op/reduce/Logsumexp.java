package io.sparkgrad.op.reduce;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.Dims;
import java.util.List;

/**
 * y = ln Σ exp(x) over dimensions, by their maximum so that nothing overflows, -∞ of nothing; dx =
 * g·exp(x - y), 0 where all elements are -∞.
 */
final class Logsumexp extends Op {
  private final int[] dims;
  private final boolean keepDim;

  /** No dims means all. */
  Logsumexp(int[] dims, boolean keepDim) {
    this.dims = dims;
    this.keepDim = keepDim;
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
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 4)),
        new SampleInput(new Logsumexp(new int[] {1}, false), make.any(2, 3, 4)),
        new SampleInput(new Logsumexp(new int[] {0, 2}, true), make.any(2, 3, 4)),
        new SampleInput(new Logsumexp(new int[] {0}, false), make.any(4, 3).t()));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Logsumexp(new int[] {2}, false)
            .errorInput(
                "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
                make.any(2, 3)),
        new Logsumexp(new int[] {0, 0}, false)
            .errorInput("dim 0 appears multiple times in the list of dims", make.any(2, 3)));
  }
}
