package io.sparkgrad.op.pointwise;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.Check;
import io.sparkgrad.op.UnaryExpression;

/** y = -x ln x, the entropy of a part: 0 at 0, -∞ below; dy/dx = -ln x - 1. */
final class Entr extends UnaryExpression {
  Entr() {
    super(Saves.INPUT, "x > 0 ? -x * log(x) : x == 0 ? T(0) : x != x ? x : T(-1) / T(0)", 0.2, 2);
  }

  @Override
  public String nodeName() {
    return "SpecialEntrBackward0";
  }

  @Override
  protected String exempt(Check check) {
    return check == Check.IN_PLACE ? "none in PyTorch" : super.exempt(check);
  }

  @Override
  protected void loop(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i++) {
      double v = x[i];
      y[i] = v > 0 ? -v * Math.log(v) : v == 0 ? 0 : v != v ? v : Double.NEGATIVE_INFINITY;
    }
  }

  @Override
  protected Tensor derivative(Tensor g, Tensor x) {
    return g.mul(x.log().add(1).neg());
  }
}
