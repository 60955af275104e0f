package io.sparkgrad.cluster.ps;

import java.io.Serializable;

/**
 * When a run ends before its last step.
 *
 * @param validates whether tasks score the weights on validation rows after each epoch and at the
 *     end
 * @param patience epochs in a row without a lower validation loss that end the run, which then
 *     gives the best weights instead of the last; 0: never
 * @param maxNanos nanoseconds from the first step's start, after which the run ends at the next
 *     step boundary
 */
public record StopCriteria(boolean validates, int patience, long maxNanos) implements Serializable {
  /** No validation, no limit. */
  public static final StopCriteria LAST_STEP = new StopCriteria(false, 0, Long.MAX_VALUE);

  public StopCriteria {
    if (patience < 0 || (patience > 0 && !validates))
      throw new IllegalArgumentException(
          "patience " + patience + (validates ? "" : " without validation"));
    if (maxNanos < 0)
      throw new IllegalArgumentException("maxNanos must not be negative, got " + maxNanos);
  }
}
