package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.UnaryOp;
import java.util.List;

/** y = |x|; dy/dx = sign x, 0 at 0. */
final class Abs extends UnaryOp implements PointwiseOp.LongLoop {
  Abs() {
    super(Saves.INPUT);
  }

  @Override
  protected String cuda() {
    return "x < 0 ? -x : x + T(0)";
  }

  @Override
  protected void loop(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i++) {
      double v = x[i];
      y[i] = Math.abs(v);
    }
  }

  @Override
  public void run(int n, long[] y, long[][] x) {
    for (int i = 0; i < n; i++) {
      long v = x[0][i];
      y[i] = Math.abs(v);
    }
  }

  @Override
  protected DType operandType(Tensor... in) {
    return numeric(in[0]);
  }

  @Override
  protected Tensor derivative(Tensor g, Tensor x) {
    return g.mul(x.sign());
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return over(make, 0.3, 2.5);
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(noBools(make));
  }
}
