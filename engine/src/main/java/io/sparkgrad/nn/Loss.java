package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.io.Serializable;
import java.util.function.Supplier;

/**
 * The function that training minimizes. A loss gives a sum and what it is divided by, apart, so
 * that the parts of a batch that several workers hold add up to the loss of the whole.
 */
@FunctionalInterface
public interface Loss extends Serializable {
  /** The loss of a batch of outputs, rows first, against its targets. */
  Value of(Tensor output, Tensor target);

  /**
   * What each row adds to a loss.
   *
   * @param losses {@code [rows]}, differentiable
   * @param counts {@code [rows]}, to the denominator; null: one each
   */
  record Rows(Tensor losses, Tensor counts) {
    /** Of losses {@code [rows, ...]}, each number counting one. */
    static Rows of(Tensor each) {
      if (each.dim() < 2) return new Rows(each, null);
      int n = each.numel() / Math.max(1, each.size(0));
      Tensor sums = each.flatten(1).sum(1);
      return new Rows(sums, Tensor.onesLike(sums.detach()).mul(n));
    }
  }

  /**
   * The loss of some rows.
   *
   * @param sum 0-dim, differentiable
   * @param denominator the count (or the weight) of what was summed
   * @param count the denominator where it is a number of the GPU's, which is asked for late; null:
   *     it is {@code denominator}
   * @param rows what each row adds to both, asked for where rows are weighted; null: not known
   */
  record Value(Tensor sum, double denominator, Tensor count, Supplier<Rows> rows) {
    public Value(Tensor sum, double denominator) {
      this(sum, denominator, null, null);
    }

    /** With a count on the device, 0-dim: nobody waits for it before {@link #denominator}. */
    static Value counted(Tensor sum, Tensor count) {
      return new Value(sum, Double.NaN, count, null);
    }

    /** The same, which can be weighted by rows. */
    public Value byRows(Supplier<Rows> rows) {
      return new Value(sum, denominator, count, rows);
    }

    /**
     * The loss with each row counting as often as its weight says.
     *
     * @param weights {@code [rows]}, none negative
     * @throws UnsupportedOperationException for a loss that does not say what each row adds
     */
    public Value weightedBy(Tensor weights) {
      if (weights == null)
        throw new IllegalArgumentException(
            "the weights of rows are null: name their column by .weight(column)");
      if (rows == null)
        throw new UnsupportedOperationException(
            "this loss does not say what each row adds to it, so rows cannot be weighted: take one of Losses, or weigh by batch.weights() in a batchLoss");
      Rows each = rows.get();
      Tensor w = weights.to(each.losses().dtype());
      Tensor counts = each.counts() == null ? w : w.mul(each.counts());
      Tensor total = each.losses().mul(w).sum();
      return w.device().isCuda()
          ? counted(total, counts.sum())
          : new Value(total, counts.sum().item());
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
