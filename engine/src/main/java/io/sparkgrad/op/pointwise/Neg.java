package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.SparseDispatch;
import io.sparkgrad.op.UnaryOp;
import java.util.List;

/** y = -x. */
final class Neg extends UnaryOp implements PointwiseOp.FloatLoop, PointwiseOp.LongLoop {
  Neg() {
    super(Saves.NOTHING);
  }

  @Override
  protected String cuda() {
    return "-x";
  }

  @Override
  protected void loop(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i++) {
      double v = x[i];
      y[i] = -v;
    }
  }

  @Override
  public void run(int n, float[] y, float[][] x) {
    float[] a = x[0];
    for (int i = 0; i < n; i++) {
      float v = a[i];
      y[i] = -v;
    }
  }

  @Override
  public void run(int n, long[] y, long[][] x) {
    for (int i = 0; i < n; i++) {
      long v = x[0][i];
      y[i] = -v;
    }
  }

  @Override
  protected DType operandType(Tensor... in) {
    return numeric(in[0]);
  }

  @Override
  protected Tensor derivative(Tensor g, Tensor x) {
    return g.neg();
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(noBools(make));
  }

  @Override
  protected Tensor forwardSparse(Tensor... in) {
    return SparseDispatch.onValues(this, in);
  }
}
