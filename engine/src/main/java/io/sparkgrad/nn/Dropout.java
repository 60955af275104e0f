package io.sparkgrad.nn;

import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;

/**
 * Each number 0 with probability p in training, the others divided by 1 - p; all as they are in
 * evaluation. The mask comes from the thread's generator: on a cluster from one of (seed, worker,
 * step).
 */
public class Dropout extends Module {
  private static final long serialVersionUID = 1;

  private final double p;

  public Dropout() {
    this(0.5);
  }

  public Dropout(double p) {
    if (!(p >= 0 && p <= 1))
      throw new IllegalArgumentException(
          "Dropout: dropout probability has to be between 0 and 1, but got " + p);
    this.p = p;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.dropout(p, isTraining());
  }

  @Override
  protected String describe() {
    return "p=" + Repr.of(p) + ", inplace=False";
  }
}
