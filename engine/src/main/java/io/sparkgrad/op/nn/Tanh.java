package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.backend.cpu.FloatKernels;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.UnaryOp;

/** y = tanh x; dy/dx = 1 - y². */
final class Tanh extends UnaryOp implements PointwiseOp.FloatLoop {
  Tanh() {
    super(Saves.OUTPUT);
  }

  @Override
  protected String derivativeNodeName(Context ctx) {
    return "TanhBackwardBackward0";
  }

  @Override
  protected String cuda() {
    return "tanh(x)";
  }

  @Override
  protected void loop(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i++) {
      double v = x[i];
      y[i] = Math.tanh(v);
    }
  }

  @Override
  public void run(int n, float[] y, float[][] x) {
    FloatKernels.best().tanh(n, x[0], 0, y, 0);
  }

  @Override
  protected Tensor derivative(Tensor g, Tensor y) {
    return g.mul(y.mul(y).neg().add(1));
  }

  @Override
  protected FloatLoop slope() {
    return Tanh::slope;
  }

  private static void slope(int n, float[] y, float[][] x) {
    float[] g = x[0];
    float[] s = x[1];
    for (int i = 0; i < n; i++) y[i] = g[i] * (1 - s[i] * s[i]);
  }
}
