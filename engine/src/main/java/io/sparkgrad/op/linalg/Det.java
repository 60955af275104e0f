package io.sparkgrad.op.linalg;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/**
 * The determinants of square matrices; dA = g·det·A⁻ᵀ, or of a singular matrix the determinants of
 * what is left without a row and a column, which are right there, too, in every order.
 */
final class Det extends Op {
  @Override
  public String nodeName() {
    return "LinalgDetBackward0";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    GaussElimination.checkSquare(name(), in[0]);
    Tensor none = in[0].newZeros(0).view(zeroColumns(in[0]));
    Tensor pivots = GaussElimination.eliminate(this, in[0], none);
    Tensor out = pivots.prod(-1);
    ctx.save(in[0], out, pivots);
    return new Tensor[] {out};
  }

  /** The shape of no column for each matrix. */
  static int[] zeroColumns(Tensor a) {
    int[] shape = a.shape().clone();
    shape[shape.length - 1] = 0;
    return shape;
  }

  @Override
  public String cudaSource() {
    return GaussElimination.cuda(unit());
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor a = ctx.saved(0);
    Tensor det = ctx.saved(1);
    Tensor g = GaussElimination.each(grads[0]);
    if (a.numel() == 0) return new Tensor[] {null};
    if (isSingular(ctx.saved(2).abs())) return new Tensor[] {g.mul(cofactors(a))};
    return new Tensor[] {g.mul(GaussElimination.each(det)).mul(a.inverse().transpose(-2, -1))};
  }

  /* Whether a pivot of some matrix is nothing but rounding beside another. */
  private static boolean isSingular(Tensor pivots) {
    double unit = pivots.dtype() == DType.FLOAT64 ? Math.ulp(1.0) : Math.ulp(1f);
    Tensor least = pivots.amin(-1, false);
    Tensor most = pivots.amax(-1, false);
    return least.le(most.mul(pivots.size(-1) * unit)).any().item() != 0;
  }

  private static Tensor cofactors(Tensor a) {
    int n = a.size(-1);
    if (n == 1) return a.newZeros(a.shape()).fill_(1);
    long[] others = new long[n * (n - 1)];
    for (int i = 0, k = 0; i < n; i++) for (int j = 0; j < n; j++) if (j != i) others[k++] = j;
    Tensor index = Tensor.of(others, others.length).to(a.device());
    Tensor minors = a.indexSelect(-2, index).indexSelect(-1, index);
    minors = minors.unflatten(-1, n, n - 1).unflatten(-3, n, n - 1).transpose(-3, -2);
    double[] signs = new double[n * n];
    for (int i = 0; i < signs.length; i++) signs[i] = (i / n + i % n) % 2 == 0 ? 1 : -1;
    Tensor sign = Tensor.of(signs, n, n).to(a.dtype()).to(a.device());
    return minors.det().mul(sign);
  }

  private static Tensor whole(MakeTensor make, int... shape) {
    return make.below(4, shape).add(1L).to(DType.FLOAT64);
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 3)),
        new SampleInput(this, make.any(2, 2, 2).transpose(1, 2)),
        new SampleInput(this, make.any(4, 4)),
        new SampleInput(this, whole(make, 1, 3).mul(whole(make, 3, 1))),
        new SampleInput(this, make.any(0, 2, 2)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput("batches of square matrices, but they are 2 by 3", make.any(2, 3)),
        errorInput("at least 2 dimensions", make.any(3)),
        errorInput("Expected a floating point tensor", make.below(3, 2, 2)));
  }
}
