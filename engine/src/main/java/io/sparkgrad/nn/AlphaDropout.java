package io.sparkgrad.nn;

import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;

/** As {@link Dropout}, but keeping mean and variance of what {@link SELU} gave. */
public class AlphaDropout extends Module {
  private static final long serialVersionUID = 1;

  private final double p;

  public AlphaDropout() {
    this(0.5);
  }

  public AlphaDropout(double p) {
    if (!(p >= 0 && p <= 1))
      throw new IllegalArgumentException(
          "AlphaDropout: dropout probability has to be between 0 and 1, but got " + p);
    this.p = p;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.alphaDropout(p, isTraining());
  }

  @Override
  protected String describe() {
    return "p=" + Repr.of(p) + ", inplace=False";
  }
}
