package io.sparkgrad.op;

import io.sparkgrad.Tensor;
import java.util.List;

/** y = √x; dy/dx = 1/(2y), infinite at 0. */
final class Sqrt extends Unary {
  Sqrt() {
    super(Saves.OUTPUT);
  }

  @Override
  String cuda() {
    return "sqrt(x)";
  }

  @Override
  void loop(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i++) {
      double v = x[i];
      y[i] = Math.sqrt(v);
    }
  }

  @Override
  Tensor derivative(Tensor g, Tensor y) {
    return g.div(y.mul(2));
  }

  @Override
  public List<SampleInput> samples(Samples make) {
    return over(make, 0.3, 2.5);
  }
}
