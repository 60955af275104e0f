package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.backend.cpu.FloatKernels;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.UnaryOp;

/** y = 1/(1 + e⁻ˣ); dy/dx = y(1 - y). */
final class Sigmoid extends UnaryOp implements PointwiseOp.FloatLoop {
  Sigmoid() {
    super(Saves.OUTPUT);
  }

  @Override
  protected String derivativeNodeName(Context ctx) {
    return "SigmoidBackwardBackward0";
  }

  @Override
  protected String cuda() {
    return "1 / (1 + exp(-x))";
  }

  @Override
  protected void loop(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i++) {
      double v = x[i];
      y[i] = 1 / (1 + Math.exp(-v));
    }
  }

  @Override
  public void run(int n, float[] y, float[][] x) {
    FloatKernels.best().sigmoid(n, x[0], 0, y, 0);
  }

  @Override
  protected Tensor derivative(Tensor g, Tensor y) {
    return g.mul(y.mul(y.neg().add(1)));
  }

  @Override
  protected FloatLoop slope() {
    return Sigmoid::slope;
  }

  private static void slope(int n, float[] y, float[][] x) {
    float[] g = x[0];
    float[] s = x[1];
    for (int i = 0; i < n; i++) y[i] = g[i] * (s[i] * (1 - s[i]));
  }
}
