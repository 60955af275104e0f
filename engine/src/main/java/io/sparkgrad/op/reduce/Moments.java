package io.sparkgrad.op.reduce;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.Dims;
import java.util.List;

/**
 * A variance, or its root, and the mean it is taken from. The mean is updated number by number
 * (Welford 1962): behind an infinite one it is NaN.
 */
final class Moments extends DimsOp {
  private final boolean root;
  private final int correction;

  /** No dims means all. */
  Moments(boolean root, int[] dims, boolean keepDim, int correction) {
    super(dims, keepDim);
    this.root = root;
    this.correction = correction;
  }

  @Override
  public String name() {
    return root ? "stdMean" : "varMean";
  }

  @Override
  public String nodeName() {
    return root ? "StdMeanBackward0" : "VarMeanBackward0";
  }

  @Override
  public String cudaSupport() {
    return "composed of var and mean";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    Tensor spread = Ops.call(new Var(dims, keepDim, correction), x);
    if (root) spread.sqrt_();
    ctx.save(x, root ? spread : null);
    return new Tensor[] {spread, mean(x)};
  }

  private Tensor mean(Tensor x) {
    Tensor mean = x.mean(dims, keepDim);
    if (x.numel() == 0 || mean.isfinite().all().item() != 0) return mean;
    Dims d = Dims.of(name(), x, dims, keepDim);
    int[] order = java.util.Arrays.copyOf(d.kept(), x.dim());
    System.arraycopy(d.folded(), 0, order, d.kept().length, d.folded().length);
    int n = Dims.count(x.shape(), dims);
    Tensor lines = x.isinf().permute(order).reshape(mean.numel(), n);
    Tensor spoiled = lines.narrow(1, 0, n - 1).any(1).reshape(mean.shape());
    return spoiled.where(Tensor.number(Double.NaN), mean);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor x = ctx.saved(0);
    int[] shape = ctx.inputShape(0);
    Tensor dx = null;
    if (grads[0] != null) {
      Tensor g = root ? Std.ofVar(grads[0], ctx.saved(1)) : grads[0];
      dx = Var.gradient(g, x, dims, correction);
    }
    if (grads[1] == null) return new Tensor[] {dx};
    Tensor ofMean = Mean.gradient(grads[1], shape, dims);
    return new Tensor[] {dx == null ? ofMean : dx.add(ofMean)};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 4)),
        new SampleInput(new Moments(root, new int[] {1}, false, 0), make.any(2, 3, 4)),
        new SampleInput(new Moments(!root, new int[] {0, 2}, true, 1), make.any(2, 3, 4)),
        new SampleInput(new Moments(!root, new int[] {0}, false, 1), make.any(4, 3).t()));
  }

  @Override
  DimsOp with(int[] dims, boolean keepDim) {
    return new Moments(root, dims, keepDim, correction);
  }
}
