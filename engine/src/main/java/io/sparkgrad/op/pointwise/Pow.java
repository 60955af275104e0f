package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.BinaryOp;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.Require;
import io.sparkgrad.op.kernel.Special;

/** y = aᵇ; da = g·b·aᵇ⁻¹ (0 where b is 0), db = g·y·ln a (0 where a is 0 and b is not negative). */
final class Pow extends BinaryOp implements PointwiseOp.LongLoop {
  @Override
  public String nodeName() {
    return "PowBackward1";
  }

  @Override
  protected String cuda() {
    return "power_of(a, b)";
  }

  @Override
  protected String cudaHelpers() {
    return """
        template <class T> __device__ T power_of(T a, T b) { return pow(a, b); }
        template <> __device__ long long power_of<long long>(long long a, long long b) {
          if (b < 0) return a == 1 ? 1 : a == -1 ? (b % 2 ? -1 : 1) : 0;
          unsigned long long power = 1;
          for (unsigned long long square = a; b > 0; b >>= 1, square *= square)
            if (b & 1) power *= square;
          return (long long)power;
        }
        """;
  }

  /* Negative powers of integers are cut to 0, but for those of 1 and -1. */
  @Override
  public void run(int n, long[] y, long[][] x) {
    for (int i = 0; i < n; i++) {
      long a = x[0][i];
      long b = x[1][i];
      if (b >= 0) y[i] = PowScalar.power(a, b);
      else y[i] = a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0;
    }
  }

  @Override
  protected void loop(int n, double[] a, double[] b, double[] y) {
    for (int i = 0; i < n; i++) y[i] = Special.pow(a[i], b[i]);
  }

  @Override
  protected DType operandType(Tensor... in) {
    DType type = DType.promote(in);
    if (type == DType.BOOL) Require.numbers(name(), in);
    return type;
  }

  @Override
  protected void save(Context ctx, Tensor out, Tensor... in) {
    ctx.save(in[0], in[1], out);
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
    if (ctx.needsGrad(1))
      gb = g.mul(a.eq(0).mul(b.ge(0)).where(zero, ctx.saved(2).mul(a.to(g.dtype()).log())));
    return new Tensor[] {ga, gb};
  }

  @Override
  protected Tensor left(MakeTensor make, int... shape) {
    return make.positive(shape);
  }
}
