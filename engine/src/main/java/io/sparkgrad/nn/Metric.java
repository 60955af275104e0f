package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.io.Serializable;

/**
 * A measure beside the loss, say {@code Metrics::accuracy}. Like a {@link Loss} it gives a sum and
 * what it is divided by, apart, so that parts of the data add up; it needs no gradient.
 */
@FunctionalInterface
public interface Metric extends Serializable {
  /** Measures a batch of outputs, rows first, against its targets. */
  Value of(Tensor output, Tensor target);

  /**
   * The measure of some rows.
   *
   * @param denominator the count (or the weight) of what was summed
   */
  record Value(double sum, double denominator) {
    public double mean() {
      return sum / denominator;
    }
  }
}
