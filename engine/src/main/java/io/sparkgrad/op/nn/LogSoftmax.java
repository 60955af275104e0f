package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;

/** y = x - max x - ln Σ exp(x - max x) along a dimension; dx = g - exp(y)·Σ g. */
final class LogSoftmax extends RowwiseOp {
  LogSoftmax(int dim) {
    super(dim);
  }

  @Override
  protected String derivativeNodeName(Context ctx) {
    return "LogSoftmaxBackwardDataBackward0";
  }

  @Override
  String cuda() {
    return "x - (most + log(sum))";
  }

  @Override
  void row(int n, double[] row) {
    double max = max(n, row);
    double sum = 0;
    for (int i = 0; i < n; i++) sum += Math.exp(row[i] - max);
    double shift = max + Math.log(sum);
    for (int i = 0; i < n; i++) row[i] -= shift;
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    return new Tensor[] {g.sub(ctx.saved(0).exp().mul(g.sum(dim, true)))};
  }

  @Override
  RowwiseOp with(int dim) {
    return new LogSoftmax(dim);
  }
}
