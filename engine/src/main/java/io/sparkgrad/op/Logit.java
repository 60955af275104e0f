package io.sparkgrad.op;

import io.sparkgrad.Tensor;
import java.util.List;

/**
 * y = ln(z/(1 - z)), z = x forced into [eps, 1 - eps]; dy/dx = 1/(x(1 - x)), 0 elsewhere; without
 * eps NaN outside [0, 1].
 */
final class Logit extends Unary {
  static final double NO_EPS = -1;

  private final double eps;

  Logit(double eps) {
    super(Saves.INPUT);
    this.eps = eps;
  }

  @Override
  String cuda() {
    return "P(0) >= 0 && x < P(0) ? log(P(0) / (1 - P(0)))"
        + " : P(0) >= 0 && x > 1 - P(0) ? log((1 - P(0)) / P(0)) : log(x / (1 - x))";
  }

  @Override
  double[] attributes() {
    return new double[] {eps};
  }

  @Override
  void loop(int n, double[] x, double[] y) {
    double lo = eps < 0 ? Double.NEGATIVE_INFINITY : eps;
    double hi = eps < 0 ? Double.POSITIVE_INFINITY : 1 - eps;
    for (int i = 0; i < n; i++) {
      double z = Math.min(Math.max(x[i], lo), hi);
      y[i] = Math.log(z / (1 - z));
    }
  }

  @Override
  Tensor derivative(Tensor g, Tensor x) {
    Tensor inside = x.ge(Math.max(eps, 0)).mul(x.le(1 - Math.max(eps, 0)));
    Tensor there = Tensor.full(eps < 0 ? Double.NaN : 0, g.dtype());
    return inside.where(g.div(x.mul(x.neg().add(1))), there);
  }

  @Override
  public List<Sample> samples(Samples make) {
    return List.of(
        new Sample(new Logit(NO_EPS), make.uniform(0.1, 0.9, 3, 4)),
        new Sample(new Logit(0.2), make.uniform(0.3, 0.7, 4, 3).t()),
        new Sample(new Logit(0.2), make.uniform(0.81, 0.99, 3)));
  }
}
