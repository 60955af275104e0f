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
   * @param count the denominator where it is a number of the GPU's, which is asked for late; null:
   *     it is {@code denominator}
   */
  record Value(Tensor sum, double denominator, Tensor count) {
    public Value(Tensor sum, double denominator) {
      this(sum, denominator, null);
    }

    /** With a count on the device, 0-dim: nobody waits for it before {@link #denominator}. */
    static Value counted(Tensor sum, Tensor count) {
      return new Value(sum, Double.NaN, count);
    }

    @Override
    public double denominator() {
      return count == null ? denominator : count.item();
    }

    /** The loss as it is reported, and as PyTorch's reduction='mean' gives it. */
    public Tensor mean() {
      return count == null ? sum.div(denominator) : sum.div(count);
    }
  }
}
