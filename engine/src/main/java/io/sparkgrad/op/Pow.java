package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;

/** y = aᵇ; da = g·b·aᵇ⁻¹ (0 where b is 0), db = g·y·ln a (0 where a is 0 and b is not negative). */
final class Pow extends Binary {
  @Override
  public String nodeName() {
    return "PowBackward1";
  }

  @Override
  String cuda() {
    return "pow(a, b)";
  }

  @Override
  void loop(int n, double[] a, int ao, double[] b, int bo, double[] y, int yo) {
    for (int i = 0; i < n; i++) y[yo + i] = Math.pow(a[ao + i], b[bo + i]);
  }

  @Override
  DType operandType(Tensor... in) {
    return DType.promote(in);
  }

  @Override
  void save(Context ctx, Tensor out, Tensor... in) {
    ctx.save(in[0], in[1], ctx.needsGrad(1) ? out : null);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    Tensor a = ctx.saved(0);
    Tensor b = ctx.saved(1);
    Tensor zero = Tensor.zeros(g.dtype());
    Tensor ga = null;
    Tensor gb = null;
    if (ctx.needsGrad(0)) ga = b.eq(0).where(zero, g.mul(b.mul(a.pow(b.sub(1)))));
    if (ctx.needsGrad(1)) gb = g.mul(a.eq(0).mul(b.ge(0)).where(zero, ctx.saved(2).mul(a.log())));
    return new Tensor[] {ga, gb};
  }

  @Override
  Tensor left(Samples make, int... shape) {
    return make.positive(shape);
  }
}
