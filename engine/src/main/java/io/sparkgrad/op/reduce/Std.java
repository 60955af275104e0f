package io.sparkgrad.op.reduce;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/** y = √(Σ (x - mean)²/(n - correction)); dx = g(x - mean)/((n - correction)·y), 0 where y is 0. */
final class Std extends Op {
  private final int[] dims;
  private final boolean keepDim;
  private final int correction;

  /** No dims means all. */
  Std(int[] dims, boolean keepDim, int correction) {
    this.dims = dims;
    this.keepDim = keepDim;
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
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Std(new int[] {2}, false, 1)
            .errorInput(
                "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
                make.any(2, 3)),
        new Std(new int[] {0, 0}, false, 1)
            .errorInput("dim 0 appears multiple times in the list of dims", make.any(2, 3)));
  }
}
