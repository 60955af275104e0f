package io.sparkgrad.cluster.ps;

import java.io.Serializable;

/** A loss or metric over some validation rows: a sum and what it is divided by, apart. */
public record Score(double sum, double denominator) implements Serializable {
  public static final Score NONE = new Score(0, 0);

  public Score plus(Score other) {
    return new Score(sum + other.sum, denominator + other.denominator);
  }

  /** The weighted mean; NaN if no row counted. */
  public double value() {
    return sum / denominator;
  }
}
