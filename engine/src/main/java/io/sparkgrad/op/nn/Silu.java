package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.UnaryOp;

/**
 * y = x·sigmoid(x), also called swish; dy/dx = s(1 + x(1 - s)), s = sigmoid(x). Elfwing et al.
 * 2017, arXiv:1702.03118.
 */
final class Silu extends UnaryOp implements PointwiseOp.FloatsOnly {
  Silu() {
    super(Saves.INPUT);
  }

  @Override
  protected String cuda() {
    return "x / (1 + exp(-x))";
  }

  @Override
  protected void loop(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i++) {
      double v = x[i];
      y[i] = v / (1 + Math.exp(-v));
    }
  }

  @Override
  protected Tensor derivative(Tensor g, Tensor x) {
    Tensor s = x.sigmoid();
    return g.mul(s.mul(x.mul(s.neg().add(1)).add(1)));
  }
}
