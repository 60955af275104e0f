package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.List;

/** y = -x. */
final class Neg extends Unary implements Elementwise.FloatLoop, Elementwise.LongLoop {
  Neg() {
    super(Saves.NOTHING);
  }

  @Override
  String cuda() {
    return "-x";
  }

  @Override
  void loop(int n, double[] x, double[] y) {
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
  DType operandType(Tensor... in) {
    return numeric(in[0]);
  }

  @Override
  Tensor derivative(Tensor g, Tensor x) {
    return g.neg();
  }

  @Override
  public List<ErrorInput> errors(Samples make) {
    return List.of(noBools(make));
  }

  @Override
  Tensor forwardSparse(Tensor... in) {
    return SparseOps.onValues(this, in);
  }
}
