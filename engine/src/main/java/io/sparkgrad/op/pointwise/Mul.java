package io.sparkgrad.op.pointwise;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.BinaryOp;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.SparseDispatch;

/** y = a·b; saves only what the other side needs. */
final class Mul extends BinaryOp implements PointwiseOp.FloatLoop, PointwiseOp.LongLoop {
  @Override
  protected String cuda() {
    return "a * b";
  }

  @Override
  protected void loop(int n, double[] a, double[] b, double[] y) {
    for (int i = 0; i < n; i++) y[i] = a[i] * b[i];
  }

  @Override
  public void run(int n, float[] y, float[][] x) {
    float[] a = x[0];
    float[] b = x[1];
    for (int i = 0; i < n; i++) y[i] = a[i] * b[i];
  }

  @Override
  public void run(int n, long[] y, long[][] x) {
    long[] a = x[0];
    long[] b = x[1];
    for (int i = 0; i < n; i++) y[i] = a[i] * b[i];
  }

  @Override
  protected void save(Context ctx, Tensor out, Tensor... in) {
    ctx.save(ctx.needsGrad(1) ? in[0] : null, ctx.needsGrad(0) ? in[1] : null);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    return new Tensor[] {
      ctx.needsGrad(0) ? g.mul(ctx.saved(1)) : null, ctx.needsGrad(1) ? g.mul(ctx.saved(0)) : null
    };
  }

  @Override
  protected Tensor forwardSparse(Tensor... in) {
    boolean first = in[0].isSparse();
    return SparseDispatch.onValues(this, in[first ? 0 : 1], in[first ? 1 : 0]);
  }
}
