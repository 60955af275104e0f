package io.sparkgrad.cluster.ps;

import java.io.Serializable;

/**
 * What a run goes on until, if that comes before its last step.
 *
 * @param validates whether tasks score the weights on validation rows after each epoch and at the
 *     end
 * @param patience after so many epochs in a row without a lower validation loss the run ends, and
 *     it gives the best weights instead of the last; 0: never
 * @param maxNanos time from the first step's start after which the run ends at the next step border
 */
public record Until(boolean validates, int patience, long maxNanos) implements Serializable {
  /** No validation, no limit. */
  public static final Until LAST_STEP = new Until(false, 0, Long.MAX_VALUE);

  public Until {
    if (patience < 0 || (patience > 0 && !validates))
      throw new IllegalArgumentException(
          "patience " + patience + (validates ? "" : " without validation"));
    if (maxNanos < 0)
      throw new IllegalArgumentException("maxNanos must not be negative, got " + maxNanos);
  }
}
