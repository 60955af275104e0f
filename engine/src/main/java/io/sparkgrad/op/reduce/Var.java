package io.sparkgrad.op.reduce;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.Dims;
import java.util.List;

/**
 * y = Σ (x - mean)²/(n - correction), where n - correction counts as 0 at least; dx = 2g(x -
 * mean)/(n - correction).
 */
final class Var extends Op {
  private final int[] dims;
  private final boolean keepDim;
  private final int correction;

  /** No dims means all. */
  Var(int[] dims, boolean keepDim, int correction) {
    this.dims = dims;
    this.keepDim = keepDim;
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
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Var(new int[] {2}, false, 1)
            .errorInput(
                "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
                make.any(2, 3)),
        new Var(new int[] {0, 0}, false, 1)
            .errorInput("dim 0 appears multiple times in the list of dims", make.any(2, 3)));
  }
}
