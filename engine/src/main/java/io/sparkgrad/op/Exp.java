package io.sparkgrad.op;

import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cpu.FloatKernels;

/** y = eˣ; dy/dx = y. */
final class Exp extends Unary implements Elementwise.FloatLoop {
  Exp() {
    super(Saves.OUTPUT);
  }

  @Override
  String cuda() {
    return "exp(x)";
  }

  @Override
  void loop(int n, double[] x, int xo, double[] y, int yo) {
    for (int i = 0; i < n; i++) {
      double v = x[xo + i];
      y[yo + i] = Math.exp(v);
    }
  }

  @Override
  public void run(int n, float[] y, int yo, float[][] x, int[] xo) {
    FloatKernels.best().exp(n, x[0], xo[0], 0, 1, y, yo);
  }

  @Override
  Tensor derivative(Tensor g, Tensor y) {
    return g.mul(y);
  }
}
