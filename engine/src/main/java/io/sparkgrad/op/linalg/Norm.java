package io.sparkgrad.op.linalg;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Require;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.Dims;
import java.util.List;

/**
 * y = (Σ |x|ᵖ)^(1/p) over dimensions, 0 for no elements, the largest |x| for p = ∞ and the count of
 * others than 0 for p = 0; dx = g·x·|x|ᵖ⁻²/yᵖ⁻¹, 0 where x or y is 0; for p = ∞ equal largest ones
 * share it. At 0 there is no second order: NaN, as in PyTorch.
 */
final class Norm extends Op {
  private final double p;
  private final int[] dims;
  private final boolean keepDim;

  /** No dims means all. */
  Norm(double p, int[] dims, boolean keepDim) {
    this.p = order(p);
    this.dims = dims;
    this.keepDim = keepDim;
  }

  /** An order beyond the range of float32 is infinite, for every type. */
  static double order(double p) {
    return Float.isInfinite((float) p) ? (float) p : p;
  }

  @Override
  public String nodeName() {
    return "NormBackward1";
  }

  @Override
  public String cudaSupport() {
    return "composed of abs, pow and sum, or amax";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Require.floats(name(), in[0]);
    Tensor out = norm(in[0].abs());
    ctx.save(in[0], out);
    return new Tensor[] {out};
  }

  private Tensor norm(Tensor abs) {
    if (abs.numel() == 0) return abs.sum(dims, keepDim);
    if (p == Double.POSITIVE_INFINITY) return abs.amax(dims, keepDim);
    if (p == Double.NEGATIVE_INFINITY) return abs.amin(dims, keepDim);
    if (p == 0) return abs.ne(0).sum(dims, keepDim).to(abs.dtype());
    if (p == 1) return abs.sum(dims, keepDim);
    if (p == 2) return abs.mul(abs).sum(dims, keepDim).sqrt();
    return abs.pow(p).sum(dims, keepDim).pow(1 / p);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    if (p == 0) return new Tensor[1]; // a count has none
    int[] shape = ctx.inputShape(0);
    Tensor x = ctx.saved(0);
    Tensor y = Dims.restore(ctx.saved(1), shape, dims);
    return new Tensor[] {gradient(Dims.restore(grads[0], shape, dims), x, y, p, dims)};
  }

  /** The gradient of x from those of its norms y, both with the folded dimensions as 1. */
  static Tensor gradient(Tensor g, Tensor x, Tensor y, double p, int[] dims) {
    if (p == 0) return x.newZeros(x.shape());
    if (p == 1) return x.sign().mul(g);
    if (p == 2) return g.mul(unless(y.eq(0), x.div(y)));
    Tensor abs = x.abs();
    if (Double.isInfinite(p)) {
      Tensor mask = abs.eq(y).add(abs.isnan()).to(x.dtype());
      return x.sign().mul(g.div(mask.sum(dims, true)).mul(mask));
    }
    if (p < 1) return x.sign().mul(unless(x.eq(0), abs.pow(p - 1))).mul(g).mul(y.pow(1 - p));
    Tensor scale = unless(y.eq(0), g.div(y.pow(p - 1)));
    return p < 2 ? x.sign().mul(abs.pow(p - 1)).mul(scale) : x.mul(abs.pow(p - 2)).mul(scale);
  }

  private static Tensor unless(Tensor mask, Tensor t) {
    return mask.where(Tensor.zeros(t.dtype()), t);
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Norm(2, new int[0], false), make.any(3, 4)),
        new SampleInput(new Norm(2, new int[] {1}, true), make.any(4, 3).t()),
        new SampleInput(new Norm(1, new int[] {0}, false), make.positive(3, 4)),
        new SampleInput(new Norm(3, new int[] {0, 2}, false), make.positive(2, 3, 4)),
        new SampleInput(new Norm(1.5, new int[] {1}, false), make.positive(3, 4)),
        new SampleInput(
            new Norm(Double.POSITIVE_INFINITY, new int[] {1}, false), make.positive(3, 4)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Norm(2, new int[] {2}, false)
            .errorInput(
                "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
                make.any(2, 3)),
        new Norm(2, new int[] {0, 0}, false)
            .errorInput("dim 0 appears multiple times in the list of dims", make.any(2, 3)));
  }
}
