package io.sparkgrad.nn;

import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;

/** x above the threshold, else the value, elementwise. */
public class Threshold extends Module {
  private static final long serialVersionUID = 1;

  private final double threshold;
  private final double value;

  public Threshold(double threshold, double value) {
    this.threshold = threshold;
    this.value = value;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.threshold(threshold, value);
  }

  @Override
  protected String describe() {
    return "threshold=" + Repr.of(threshold) + ", value=" + Repr.of(value);
  }
}
