package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.MemoryOverlap;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.UnaryOp;
import java.util.List;

/** y = x with numbers for NaN and the infinities, where the gradient is 0. */
final class NanToNum extends UnaryOp implements PointwiseOp.LongLoop {
  private final double nan;
  private final double above;
  private final double below;

  NanToNum(double nan, double above, double below) {
    super(Saves.INPUT);
    this.nan = nan;
    this.above = above;
    this.below = below;
  }

  static double largest(Tensor x) {
    return x.dtype() == DType.FLOAT32 ? Float.MAX_VALUE : Double.MAX_VALUE;
  }

  @Override
  protected DType operandType(Tensor... in) {
    return in[0].dtype();
  }

  /* Of integers there is nothing to write. */
  @Override
  protected MemoryOverlap overlap(Tensor target, Tensor... operands) {
    return target.dtype().isFloatingPoint()
        ? super.overlap(target, operands)
        : MemoryOverlap.ALLOWED;
  }

  @Override
  protected String cuda() {
    return "x != x ? P(0) : x > 0 && x - x != 0 ? P(1) : x < 0 && x - x != 0 ? P(2) : x";
  }

  @Override
  protected double[] attributes() {
    return new double[] {nan, above, below};
  }

  @Override
  protected void loop(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i++) {
      double v = x[i];
      y[i] = Double.isFinite(v) ? v : v != v ? nan : v > 0 ? above : below;
    }
  }

  @Override
  public void run(int n, long[] y, long[][] x) {
    System.arraycopy(x[0], 0, y, 0, n);
  }

  @Override
  protected Tensor derivative(Tensor g, Tensor x) {
    return x.isfinite().where(g, Tensor.zeros(g.dtype()));
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return over(make, -2, 2);
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(noOverlap(make));
  }
}
