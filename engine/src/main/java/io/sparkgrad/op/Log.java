package io.sparkgrad.op;

import io.sparkgrad.Tensor;
import java.util.List;

/** y = ln x; dy/dx = 1/x. */
final class Log extends Unary {
  Log() {
    super(Saves.INPUT);
  }

  @Override
  String cuda() {
    return "log(x)";
  }

  @Override
  void loop(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i++) {
      double v = x[i];
      y[i] = Math.log(v);
    }
  }

  @Override
  Tensor derivative(Tensor g, Tensor x) {
    return g.div(x);
  }

  @Override
  public List<SampleInput> samples(Samples make) {
    return over(make, 0.3, 2.5);
  }
}
