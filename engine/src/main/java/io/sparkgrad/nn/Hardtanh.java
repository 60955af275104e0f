package io.sparkgrad.nn;

import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;

/** x clamped to [minVal, maxVal], elementwise. */
public class Hardtanh extends Module {
  private static final long serialVersionUID = 1;

  private final double minVal;
  private final double maxVal;

  public Hardtanh() {
    this(-1, 1);
  }

  public Hardtanh(double minVal, double maxVal) {
    this.minVal = minVal;
    this.maxVal = maxVal;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.hardtanh(minVal, maxVal);
  }

  @Override
  protected String describe() {
    return "min_val=" + Repr.of(minVal) + ", max_val=" + Repr.of(maxVal);
  }
}
