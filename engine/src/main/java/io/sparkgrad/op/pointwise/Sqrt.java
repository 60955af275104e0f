package io.sparkgrad.op.pointwise;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.UnaryOp;
import java.util.List;

/** y = √x; dy/dx = 1/(2y), infinite at 0. */
final class Sqrt extends UnaryOp {
  Sqrt() {
    super(Saves.OUTPUT);
  }

  @Override
  protected String cuda() {
    return "sqrt(x)";
  }

  @Override
  protected void loop(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i++) {
      double v = x[i];
      y[i] = Math.sqrt(v);
    }
  }

  @Override
  protected Tensor derivative(Tensor g, Tensor y) {
    return g.div(y.mul(2));
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return over(make, 0.3, 2.5);
  }
}
