package io.sparkgrad.op;

import io.sparkgrad.Tensor;

/** y = tanh x; dy/dx = 1 - y². */
final class Tanh extends Unary {
  Tanh() {
    super(Saves.OUTPUT);
  }

  @Override
  String cuda() {
    return "tanh(x)";
  }

  @Override
  void loop(int n, double[] x, int xo, double[] y, int yo) {
    for (int i = 0; i < n; i++) {
      double v = x[xo + i];
      y[yo + i] = Math.tanh(v);
    }
  }

  @Override
  Tensor derivative(Tensor g, Tensor y) {
    return g.mul(y.mul(y).neg().add(1));
  }
}
