package io.sparkgrad.op.pointwise;

import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cpu.FloatKernels;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.UnaryOp;

/** y = eˣ; dy/dx = y. */
final class Exp extends UnaryOp implements PointwiseOp.FloatLoop {
  Exp() {
    super(Saves.OUTPUT);
  }

  @Override
  protected String cuda() {
    return "exp(x)";
  }

  @Override
  protected void loop(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i++) {
      double v = x[i];
      y[i] = Math.exp(v);
    }
  }

  @Override
  public void run(int n, float[] y, float[][] x) {
    FloatKernels.best().exp(n, x[0], 0, 0, 1, y, 0);
  }

  @Override
  protected Tensor derivative(Tensor g, Tensor y) {
    return g.mul(y);
  }
}
