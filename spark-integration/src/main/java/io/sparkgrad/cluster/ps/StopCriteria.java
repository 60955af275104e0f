package io.sparkgrad.cluster.ps;

import java.io.Serializable;
import java.util.List;

/**
 * When a run ends before its last step.
 *
 * @param validates whether tasks score the weights on validation rows after each epoch and at the
 *     end
 * @param objective what is best when it is lowest, from the scores of all validation rows
 * @param patience epochs in a row without a lower objective that end the run, which then gives the
 *     best weights instead of the last; 0: never
 * @param maxNanos nanoseconds from the first step's start, after which the run ends at the next
 *     step boundary
 */
public record StopCriteria(boolean validates, Objective objective, int patience, long maxNanos)
    implements Serializable {
  /** What an epoch is judged by. */
  @FunctionalInterface
  public interface Objective extends Serializable {
    /**
     * @param scores the loss first, then the metrics
     * @return the less the better; NaN is the worst
     */
    double of(List<Score> scores);
  }

  /** The validation loss. */
  public static final Objective LOSS = scores -> scores.get(0).value();

  /** No validation, no limit. */
  public static final StopCriteria LAST_STEP = new StopCriteria(false, LOSS, 0, Long.MAX_VALUE);

  /** By the validation loss. */
  public StopCriteria(boolean validates, int patience, long maxNanos) {
    this(validates, LOSS, patience, maxNanos);
  }

  public StopCriteria {
    if (patience < 0 || (patience > 0 && !validates))
      throw new IllegalArgumentException(
          "patience " + patience + (validates ? "" : " without validation"));
    if (maxNanos < 0)
      throw new IllegalArgumentException("maxNanos must not be negative, got " + maxNanos);
  }
}
