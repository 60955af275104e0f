package io.sparkgrad.nn;

import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;

/** x above 0, else negativeSlope·x, elementwise. */
public class LeakyReLU extends Module {
  private static final long serialVersionUID = 1;

  private final double negativeSlope;

  public LeakyReLU() {
    this(0.01);
  }

  public LeakyReLU(double negativeSlope) {
    this.negativeSlope = negativeSlope;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.leakyRelu(negativeSlope);
  }

  @Override
  protected String describe() {
    return "negative_slope=" + Repr.of(negativeSlope);
  }
}
