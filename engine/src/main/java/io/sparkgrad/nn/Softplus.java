package io.sparkgrad.nn;

import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;

/** log(1 + e^(beta·x)) / beta, elementwise; x itself where beta·x is above the threshold. */
public class Softplus extends Module {
  private static final long serialVersionUID = 1;

  private final double beta;
  private final double threshold;

  public Softplus() {
    this(1, 20);
  }

  public Softplus(double beta, double threshold) {
    this.beta = beta;
    this.threshold = threshold;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.softplus(beta, threshold);
  }

  @Override
  protected String describe() {
    return "beta=" + Repr.of(beta) + ", threshold=" + Repr.of(threshold);
  }
}
