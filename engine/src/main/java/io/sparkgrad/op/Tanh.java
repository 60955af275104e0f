package io.sparkgrad.op;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.backend.cpu.FloatKernels;

/** y = tanh x; dy/dx = 1 - y². */
final class Tanh extends Unary implements Elementwise.FloatLoop {
  Tanh() {
    super(Saves.OUTPUT);
  }

  @Override
  String derivativeNodeName(Context ctx) {
    return "TanhBackwardBackward0";
  }

  @Override
  String cuda() {
    return "tanh(x)";
  }

  @Override
  void loop(int n, double[] x, double[] y) {
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
  Tensor derivative(Tensor g, Tensor y) {
    return g.mul(y.mul(y).neg().add(1));
  }

  @Override
  FloatLoop slope() {
    return Tanh::slope;
  }

  private static void slope(int n, float[] y, float[][] x) {
    float[] g = x[0];
    float[] s = x[1];
    for (int i = 0; i < n; i++) y[i] = g[i] * (1 - s[i] * s[i]);
  }
}
