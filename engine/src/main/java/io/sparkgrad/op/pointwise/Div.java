package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.BinaryOp;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.SparseDispatch;

/** y = a/b, never an integer; da = g/b, db = -g·a/b². */
final class Div extends BinaryOp implements PointwiseOp.FloatLoop {
  @Override
  protected String cuda() {
    return "a / b";
  }

  @Override
  protected void loop(int n, double[] a, double[] b, double[] y) {
    for (int i = 0; i < n; i++) y[i] = a[i] / b[i];
  }

  @Override
  public void run(int n, float[] y, float[][] x) {
    float[] a = x[0];
    float[] b = x[1];
    for (int i = 0; i < n; i++) y[i] = a[i] / b[i];
  }

  @Override
  protected DType operandType(Tensor... in) {
    return DType.promote(in).orFloat();
  }

  @Override
  protected void save(Context ctx, Tensor out, Tensor... in) {
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
  protected Tensor right(MakeTensor make, int... shape) {
    return make.positive(shape);
  }

  @Override
  protected Tensor forwardSparse(Tensor... in) {
    return SparseDispatch.onValues(this, in);
  }
}
