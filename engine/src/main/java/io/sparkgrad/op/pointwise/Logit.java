package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Grad;
import io.sparkgrad.Scalar;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.UnaryOp;
import java.util.List;

/**
 * y = ln(z/(1 - z)), z = x forced into [eps, 1 - eps], numbers of the tensor's type; dy/dx = 1/(x(1
 * - x)), 0 elsewhere; without eps NaN outside [0, 1].
 */
final class Logit extends UnaryOp {
  private final double low;
  private final double high;

  /** Without bounds. */
  Logit() {
    this(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  private Logit(double low, double high) {
    super(Saves.INPUT);
    this.low = low;
    this.high = high;
  }

  static Logit within(double eps, DType type) {
    Scalar.of(eps).checked("logit", type.orFloat());
    if (!(eps >= 0)) return new Logit();
    return type == DType.FLOAT64
        ? new Logit(eps, 1 - eps)
        : new Logit((float) eps, 1 - (float) eps);
  }

  @Override
  protected String cuda() {
    return "x < P(0) ? log(P(0) / (1 - P(0))) : x > P(1) ? log(P(1) / (1 - P(1))) : log(x / (1 - x))";
  }

  @Override
  protected double[] attributes() {
    return new double[] {low, high};
  }

  @Override
  protected void loop(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i++) {
      double z = Math.min(Math.max(x[i], low), high);
      y[i] = Math.log(z / (1 - z));
    }
  }

  @Override
  protected Tensor derivative(Tensor g, Tensor x) {
    boolean bounded = low >= 0;
    Tensor inside = x.ge(bounded ? low : 0).mul(x.le(bounded ? high : 1));
    Tensor there = Tensor.full(bounded ? 0 : Double.NaN, g.dtype());
    Tensor z = Grad.isEnabled() || inVectors(x) ? x : x.add(0.0); // at -0.0 the slope of 0.0
    return inside.where(g.div(z.mul(z.neg().add(1))), there);
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Logit(), make.uniform(0.1, 0.9, 3, 4)),
        new SampleInput(within(0.2, DType.FLOAT64), make.uniform(0.3, 0.7, 4, 3).t()),
        new SampleInput(within(0.2, DType.FLOAT64), make.uniform(0.81, 0.99, 3)));
  }
}
