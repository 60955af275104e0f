package io.sparkgrad.op.linalg;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/**
 * The p-norms y of the differences d of all rows of a and all rows of b: [..., n, k], [..., m, k]
 * -> [..., n, m]; da = Σ g·d·|d|ᵖ⁻²/yᵖ⁻¹ over b's rows. Other than {@link Norm} it gives all of the
 * gradient to each of equal largest differences, and a NaN is another number for p = 0 and none for
 * p = ∞.
 */
final class Cdist extends Op {
  private final double p;

  Cdist(double p) {
    this.p = Norm.order(p);
  }

  @Override
  public String cudaSupport() {
    return "composed of sub and norm";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    check(in[0], in[1]);
    Tensor out = distances(differences(in[0], in[1])).to(in[0].dtype());
    ctx.save(in[0], in[1], out);
    return new Tensor[] {out};
  }

  private static Tensor differences(Tensor a, Tensor b) {
    return a.unsqueeze(-2).sub(b.unsqueeze(-3));
  }

  private Tensor distances(Tensor d) {
    if (p == 0) return d.abs().ceil().clampMax(1).sum(-1);
    if (p != Double.POSITIVE_INFINITY) return d.norm(p, -1);
    if (d.size(-1) == 0) return d.sum(-1);
    return d.isnan().where(Tensor.number(0L), d.abs()).amax(-1, false);
  }

  private void check(Tensor a, Tensor b) {
    if (a.dim() < 2 || b.dim() < 2)
      throw new IllegalArgumentException(
          "cdist only supports at least 2D tensors, X1 got: %sD and X2 got: %sD"
              .formatted(a.dim(), b.dim()));
    if (a.size(-1) != b.size(-1))
      throw new IllegalArgumentException(
          "cdist: X1 and X2 must have the same number of columns. X1: %s X2: %s"
              .formatted(a.size(-1), b.size(-1)));
    if (!(p >= 0))
      throw new IllegalArgumentException("cdist only supports non-negative p values, got " + p);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor d = differences(ctx.saved(0), ctx.saved(1));
    Tensor each = each(grads[0].unsqueeze(-1), d, ctx.saved(2).unsqueeze(-1));
    return new Tensor[] {
      ctx.needsGrad(0) ? each.sum(-2) : null, ctx.needsGrad(1) ? each.sum(-3).neg() : null
    };
  }

  private Tensor each(Tensor g, Tensor d, Tensor y) {
    if (p == 1) return g.mul(signOrNan(d));
    if (p == Double.POSITIVE_INFINITY)
      return g.mul(signOrNan(d)).mul(largest(d.detach(), y.detach()));
    return Norm.gradient(g, d, y, p, new int[] {-1});
  }

  /* 1 where |d| is y, else 0, NaN where both are infinite. */
  private static Tensor largest(Tensor d, Tensor y) {
    return d.abs().sub(y).abs().clampMax(1).ceil().neg().add(1);
  }

  private static Tensor signOrNan(Tensor d) {
    return d.isnan().where(d.detach(), d.sign());
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Cdist(2), make.any(3, 4), make.any(2, 4)),
        new SampleInput(new Cdist(1), make.any(4, 3).t(), make.any(5, 4)),
        new SampleInput(new Cdist(3), make.any(2, 3, 4), make.any(5, 4)),
        new SampleInput(new Cdist(1.5), make.any(3, 4), make.any(2, 1, 2, 4)),
        new SampleInput(new Cdist(Double.POSITIVE_INFINITY), make.any(3, 4), make.any(2, 4)),
        new SampleInput(new Cdist(2), make.any(0, 4), make.any(2, 4)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Cdist(2).errorInput("at least 2D tensors, X1 got: 1D", make.any(3), make.any(2, 3)),
        new Cdist(2)
            .errorInput("same number of columns. X1: 3 X2: 4", make.any(2, 3), make.any(2, 4)),
        new Cdist(-1)
            .errorInput("non-negative p values, got -1.0", make.any(2, 3), make.any(2, 3)));
  }
}
