package io.sparkgrad.op;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;

/** y = a·b; saves only what the other side needs. */
final class Mul extends Binary implements Elementwise.FloatLoop, Elementwise.LongLoop {
  @Override
  String cuda() {
    return "a * b";
  }

  @Override
  void loop(int n, double[] a, int ao, double[] b, int bo, double[] y, int yo) {
    for (int i = 0; i < n; i++) y[yo + i] = a[ao + i] * b[bo + i];
  }

  @Override
  public void run(int n, float[] y, int yo, float[][] x, int[] xo) {
    float[] a = x[0];
    float[] b = x[1];
    int ao = xo[0];
    int bo = xo[1];
    for (int i = 0; i < n; i++) y[yo + i] = a[ao + i] * b[bo + i];
  }

  @Override
  public void run(int n, long[] y, int yo, long[][] x, int[] xo) {
    long[] a = x[0];
    long[] b = x[1];
    int ao = xo[0];
    int bo = xo[1];
    for (int i = 0; i < n; i++) y[yo + i] = a[ao + i] * b[bo + i];
  }

  @Override
  void save(Context ctx, Tensor out, Tensor... in) {
    ctx.save(ctx.needsGrad(1) ? in[0] : null, ctx.needsGrad(0) ? in[1] : null);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    return new Tensor[] {
      ctx.needsGrad(0) ? g.mul(ctx.saved(1)) : null, ctx.needsGrad(1) ? g.mul(ctx.saved(0)) : null
    };
  }
}
