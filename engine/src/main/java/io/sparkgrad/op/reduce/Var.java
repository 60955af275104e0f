package io.sparkgrad.op.reduce;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.Dims;
import java.util.List;

/**
 * y = Σ (x - mean)²/(n - correction), where n - correction counts as 0 at least; dx = 2g(x -
 * mean)/(n - correction).
 */
final class Var extends DimsOp {
  private final int correction;

  /** No dims means all. */
  Var(int[] dims, boolean keepDim, int correction) {
    super(dims, keepDim);
    this.correction = correction;
  }

  @Override
  public String cudaSupport() {
    return "composed of mean, sub, mul, sum and div";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor off = in[0].sub(in[0].mean(dims, true));
    ctx.save(in[0]);
    return new Tensor[] {off.mul(off).sum(dims, keepDim).div_(freedom(in[0].shape()))};
  }

  private double freedom(int[] shape) {
    return Math.max(0, Dims.count(shape, dims) - correction);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {gradient(grads[0], ctx.saved(0), dims, correction)};
  }

  /** 2g(x - mean)/(n - correction), whatever the sign of that; of a number alone ∞·g. */
  static Tensor gradient(Tensor g, Tensor x, int[] dims, int correction) {
    double freedom = Dims.count(x.shape(), dims) - correction;
    if (x.dim() == 0 && freedom == 0) return g.mul(Double.POSITIVE_INFINITY);
    Tensor scaled = Dims.restore(g, x.shape(), dims).mul(2 / freedom);
    return scaled.mul(x.sub(x.mean(dims, true)));
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 4)),
        new SampleInput(new Var(new int[] {1}, false, 0), make.any(2, 3, 4)),
        new SampleInput(new Var(new int[] {0, 2}, true, 1), make.any(2, 3, 4)),
        new SampleInput(new Var(new int[] {0}, false, 1), make.any(4, 3).t()));
  }

  @Override
  DimsOp with(int[] dims, boolean keepDim) {
    return new Var(dims, keepDim, correction);
  }
}
