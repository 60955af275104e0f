package io.sparkgrad.nn;

import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;

/** As {@link Dropout}, whole channels of {@code [n, channels, length]}. */
public class Dropout1d extends Module {
  private static final long serialVersionUID = 1;

  private final double p;

  public Dropout1d() {
    this(0.5);
  }

  public Dropout1d(double p) {
    if (!(p >= 0 && p <= 1))
      throw new IllegalArgumentException(
          "Dropout1d: dropout probability has to be between 0 and 1, but got " + p);
    this.p = p;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.featureDropout(p, isTraining());
  }

  @Override
  protected String describe() {
    return "p=" + Repr.of(p) + ", inplace=False";
  }
}
