package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.UnaryOp;
import java.util.List;

/** y = -1, 0 or 1, 0 for NaN; its derivative is 0 everywhere. */
final class Sign extends UnaryOp implements PointwiseOp.LongLoop {
  Sign() {
    super(Saves.NOTHING);
  }

  @Override
  protected String cuda() {
    return "T(T(x > 0) - T(x < 0))";
  }

  @Override
  protected void loop(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i++) {
      double v = x[i];
      y[i] = v > 0 ? 1 : v < 0 ? -1 : 0;
    }
  }

  @Override
  public void run(int n, long[] y, long[][] x) {
    for (int i = 0; i < n; i++) {
      long v = x[0][i];
      y[i] = Long.signum(v);
    }
  }

  @Override
  protected DType operandType(Tensor... in) {
    return in[0].dtype();
  }

  @Override
  protected Tensor derivative(Tensor g, Tensor x) {
    return g.newZeros(g.shape());
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return over(make, 0.3, 2.5);
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(noOverlap(make));
  }
}
