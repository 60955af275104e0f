package io.sparkgrad.op;

import io.sparkgrad.Tensor;

/** y = eˣ; dy/dx = y. */
final class Exp extends Unary {
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
  Tensor derivative(Tensor g, Tensor y) {
    return g.mul(y);
  }
}
