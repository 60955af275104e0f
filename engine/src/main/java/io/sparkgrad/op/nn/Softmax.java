package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;

/** y = exp(x - max x) / Σ exp(x - max x) along a dimension; dx = y·(g - Σ g·y). */
final class Softmax extends RowwiseOp {
  Softmax(int dim) {
    super(dim);
  }

  @Override
  protected String derivativeNodeName(Context ctx) {
    return "SoftmaxBackwardDataBackward0";
  }

  @Override
  String cuda() {
    return "exp(x - most) / sum";
  }

  @Override
  void row(int n, double[] row) {
    double max = max(n, row);
    double sum = 0;
    for (int i = 0; i < n; i++) sum += row[i] = Math.exp(row[i] - max);
    for (int i = 0; i < n; i++) row[i] /= sum;
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    Tensor y = ctx.saved(0);
    return new Tensor[] {g.sub(g.mul(y).sum(dim, true)).mul(y)};
  }

  @Override
  RowwiseOp with(int dim) {
    return new Softmax(dim);
  }
}
