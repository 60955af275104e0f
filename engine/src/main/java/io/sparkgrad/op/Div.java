package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;

/** y = a/b, never an integer; da = g/b, db = -g·a/b². */
final class Div extends Binary implements Elementwise.FloatLoop {
  @Override
  String cuda() {
    return "a / b";
  }

  @Override
  void loop(int n, double[] a, double[] b, double[] y) {
    for (int i = 0; i < n; i++) y[i] = a[i] / b[i];
  }

  @Override
  public void run(int n, float[] y, float[][] x) {
    float[] a = x[0];
    float[] b = x[1];
    for (int i = 0; i < n; i++) y[i] = a[i] / b[i];
  }

  @Override
  DType operandType(Tensor... in) {
    return DType.promote(in).orFloat();
  }

  @Override
  void save(Context ctx, Tensor out, Tensor... in) {
    ctx.save(ctx.needsGrad(1) ? in[0] : null, in[1]);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    Tensor b = ctx.saved(1);
    return new Tensor[] {
      ctx.needsGrad(0) ? g.div(b) : null,
      ctx.needsGrad(1) ? g.neg().mul(ctx.saved(0).div(b).div(b)) : null
    };
  }

  @Override
  Tensor right(Samples make, int... shape) {
    return make.positive(shape);
  }

  @Override
  Tensor forwardSparse(Tensor... in) {
    return SparseOps.onValues(this, in);
  }
}
