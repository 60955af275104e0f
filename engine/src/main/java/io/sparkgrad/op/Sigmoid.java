package io.sparkgrad.op;

import io.sparkgrad.Tensor;

/** y = 1/(1 + e⁻ˣ); dy/dx = y(1 - y). */
final class Sigmoid extends Unary {
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
  Tensor derivative(Tensor g, Tensor y) {
    return g.mul(y.mul(y.neg().add(1)));
  }
}
