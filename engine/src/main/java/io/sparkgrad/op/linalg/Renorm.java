package io.sparkgrad.op.linalg;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.Dims;
import java.util.List;

/**
 * Slices along a dimension whose p-norm n is above a most m brought down to it: y = x·m/(n + 10⁻⁷);
 * dx = m/(n + 10⁻⁷)·(g - (Σ g·x)·dn/dx/(n + 10⁻⁷)), g itself where the norm is not above m.
 */
final class Renorm extends Op {
  private static final double EPSILON = 1e-7;

  private final double p;
  private final int dim;
  private final double maxnorm;

  Renorm(double p, int dim, double maxnorm) {
    this.p = Norm.order(p);
    this.dim = dim;
    this.maxnorm = maxnorm;
  }

  @Override
  public String cudaSupport() {
    return "composed of norm, where and mul";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    check(in[0]);
    Tensor norm = in[0].norm(p, others(in[0]), true);
    Tensor factor = norm.add(EPSILON).reciprocal().mul(maxnorm);
    ctx.save(in[0]);
    Tensor x = in[0].contiguous(); // the result lies rows first
    return new Tensor[] {x.mul(norm.gt(maxnorm).where(factor, Tensor.number(1L)))};
  }

  private int[] others(Tensor x) {
    return Dims.of(name(), x, new int[] {dim}, false).kept();
  }

  private void check(Tensor x) {
    if (!(p > 0))
      throw new IllegalArgumentException("renorm: non-positive norm not supported, got " + p);
    if (!(maxnorm >= 0))
      throw new IllegalArgumentException("renorm: expected maxnorm to be >= 0 but got " + maxnorm);
    if (x.dim() < 2)
      throw new IllegalArgumentException(
          "renorm: input needs at least 2 dimensions, got %s dimensions".formatted(x.dim()));
    for (int d : others(x))
      if (x.size(d) == 0 && Double.isInfinite(p))
        throw new IllegalArgumentException(
            "renorm: cannot compute the inf norm on the dimension %s because this dimension is empty and the operation does not have an identity"
                .formatted(d));
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    Tensor x = ctx.saved(0);
    int[] others = others(x);
    Tensor norm = x.norm(p, others, true);
    Tensor inverse = norm.add(EPSILON).reciprocal();
    Tensor ofNorm = Norm.gradient(g.mul(x).sum(others, true), x, norm, p, others);
    Tensor above = inverse.mul(maxnorm).mul(g.sub(inverse.mul(ofNorm)));
    return new Tensor[] {norm.gt(maxnorm).where(above, g)};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Renorm(2, 0, 1), make.positive(3, 4)),
        new SampleInput(new Renorm(1, 1, 0.5), make.positive(4, 3).t()),
        new SampleInput(new Renorm(3, -1, 1), make.positive(2, 3, 4)),
        new SampleInput(new Renorm(2, 0, 100), make.any(3, 4)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Renorm(0, 0, 1).errorInput("non-positive norm not supported, got 0.0", make.any(2, 3)),
        new Renorm(2, 0, -1).errorInput("expected maxnorm to be >= 0 but got -1.0", make.any(2, 3)),
        new Renorm(2, 0, 1).errorInput("input needs at least 2 dimensions, got 1", make.any(3)));
  }
}
