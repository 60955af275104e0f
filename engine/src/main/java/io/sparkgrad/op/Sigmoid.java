package io.sparkgrad.op;

import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cpu.FloatKernels;

/** y = 1/(1 + e⁻ˣ); dy/dx = y(1 - y). */
final class Sigmoid extends Unary implements Elementwise.FloatLoop {
  Sigmoid() {
    super(Saves.OUTPUT);
  }

  @Override
  String cuda() {
    return "1 / (1 + exp(-x))";
  }

  @Override
  void loop(int n, double[] x, int xo, double[] y, int yo) {
    for (int i = 0; i < n; i++) {
      double v = x[xo + i];
      y[yo + i] = 1 / (1 + Math.exp(-v));
    }
  }

  @Override
  public void run(int n, float[] y, int yo, float[][] x, int[] xo) {
    FloatKernels.best().sigmoid(n, x[0], xo[0], y, yo);
  }

  @Override
  Tensor derivative(Tensor g, Tensor y) {
    return g.mul(y.mul(y.neg().add(1)));
  }

  @Override
  FloatLoop slope() {
    return Sigmoid::slope;
  }

  private static void slope(int n, float[] y, int yo, float[][] x, int[] xo) {
    float[] g = x[0];
    float[] s = x[1];
    int go = xo[0];
    int so = xo[1];
    for (int i = 0; i < n; i++) y[yo + i] = g[go + i] * (s[so + i] * (1 - s[so + i]));
  }
}
