package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.io.Serializable;

/**
 * The function that training minimizes. A loss gives a sum and what it is divided by, apart, so
 * that the parts of a batch that several workers hold add up to the loss of the whole.
 */
@FunctionalInterface
public interface Loss extends Serializable {
  /** The loss of a batch of outputs, rows first, against its targets. */
  Value of(Tensor output, Tensor target);

  /**
   * The loss of some rows.
   *
   * @param sum 0-dim, differentiable
   * @param denominator the count (or the weight) of what was summed
   */
  record Value(Tensor sum, double denominator) {
    /** The loss as it is reported, and as PyTorch's reduction='mean' gives it. */
    public Tensor mean() {
      return sum.div(denominator);
    }
  }
}
