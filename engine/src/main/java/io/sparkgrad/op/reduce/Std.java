package io.sparkgrad.op.reduce;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/** y = √(Σ (x - mean)²/(n - correction)); dx = g(x - mean)/((n - correction)·y), 0 where y is 0. */
final class Std extends DimsOp {
  private final int correction;

  /** No dims means all. */
  Std(int[] dims, boolean keepDim, int correction) {
    super(dims, keepDim);
    this.correction = correction;
  }

  @Override
  public String cudaSupport() {
    return "composed of var and sqrt";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor out = Ops.call(new Var(dims, keepDim, correction), in[0]).sqrt_();
    ctx.save(in[0], out);
    return new Tensor[] {out};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {
      Var.gradient(ofVar(grads[0], ctx.saved(1)), ctx.saved(0), dims, correction)
    };
  }

  /** The gradient of the variance from that of its root y. */
  static Tensor ofVar(Tensor g, Tensor y) {
    return y.eq(0).where(Tensor.zeros(y.dtype()), g.div(y.mul(2)));
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 4)),
        new SampleInput(new Std(new int[] {1}, false, 0), make.any(2, 3, 4)),
        new SampleInput(new Std(new int[] {0, 2}, true, 1), make.any(2, 3, 4)),
        new SampleInput(new Std(new int[] {0}, false, 1), make.any(4, 3).t()));
  }

  @Override
  DimsOp with(int[] dims, boolean keepDim) {
    return new Std(dims, keepDim, correction);
  }
}
