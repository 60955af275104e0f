package io.sparkgrad.op.pointwise;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.UnaryOp;
import java.util.List;

/** y = ln x; dy/dx = 1/x. */
final class Log extends UnaryOp {
  Log() {
    super(Saves.INPUT);
  }

  @Override
  protected String cuda() {
    return "log(x)";
  }

  @Override
  protected void loop(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i++) {
      double v = x[i];
      y[i] = Math.log(v);
    }
  }

  @Override
  protected Tensor derivative(Tensor g, Tensor x) {
    return g.div(x);
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return over(make, 0.3, 2.5);
  }
}
