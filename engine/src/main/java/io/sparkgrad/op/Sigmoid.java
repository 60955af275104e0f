package io.sparkgrad.op;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.backend.cpu.FloatKernels;

/** y = 1/(1 + e⁻ˣ); dy/dx = y(1 - y). */
final class Sigmoid extends Unary implements Elementwise.FloatLoop {
  Sigmoid() {
    super(Saves.OUTPUT);
  }

  @Override
  String derivativeNodeName(Context ctx) {
    return "SigmoidBackwardBackward0";
  }

  @Override
  String cuda() {
    return "1 / (1 + exp(-x))";
  }

  @Override
  void loop(int n, double[] x, double[] y) {
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
  Tensor derivative(Tensor g, Tensor y) {
    return g.mul(y.mul(y.neg().add(1)));
  }

  @Override
  FloatLoop slope() {
    return Sigmoid::slope;
  }

  private static void slope(int n, float[] y, float[][] x) {
    float[] g = x[0];
    float[] s = x[1];
    for (int i = 0; i < n; i++) y[i] = g[i] * (s[i] * (1 - s[i]));
  }
}
