package io.sparkgrad.op.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.backend.cpu.FloatKernels;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.UnaryOp;
import java.util.List;

/** y = max(x, 0), NaN and -0.0 kept; dy/dx = 1 for x &gt; 0 and 0 at 0, unlike clamp. */
final class Relu extends UnaryOp implements PointwiseOp.FloatLoop, PointwiseOp.LongLoop {
  Relu() {
    super(Saves.OUTPUT);
  }

  @Override
  protected String derivativeNodeName(Context ctx) {
    return "ThresholdBackwardBackward0";
  }

  @Override
  protected String cuda() {
    return "x < 0 ? T(0) : x";
  }

  @Override
  protected void loop(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i++) {
      double v = x[i];
      y[i] = v < 0 ? 0 : v;
    }
  }

  @Override
  public void run(int n, float[] y, float[][] x) {
    FloatKernels.best().clamp(n, x[0], 0, 0, Float.POSITIVE_INFINITY, y, 0);
  }

  @Override
  public void run(int n, long[] y, long[][] x) {
    for (int i = 0; i < n; i++) {
      long v = x[0][i];
      y[i] = Math.max(v, 0);
    }
  }

  @Override
  protected DType operandType(Tensor... in) {
    return numeric(in[0]);
  }

  @Override
  protected boolean isPiecewiseLinear() {
    return true;
  }

  @Override
  protected Tensor derivative(Tensor g, Tensor y) {
    return y.le(0).where(Tensor.zeros(g.dtype()), g);
  }

  @Override
  protected FloatLoop slope() {
    return (n, y, x) -> FloatKernels.best().whereAbove(n, x[0], 0, x[1], 0, y, 0);
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
