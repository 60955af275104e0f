package io.sparkgrad.cluster.fitting;

import java.io.Serializable;
import java.util.Locale;

/**
 * Where a run is.
 *
 * @param phase what it does
 * @param epoch the running epoch, 1 for the first; 0 while rows are read
 * @param epochs in all
 * @param step count of finished steps
 * @param steps in all; 0 until the rows are counted
 * @param loss of the last finished epoch; NaN before the first
 * @param rowsPerSecond since the job started; 0 before the first step
 */
public record Progress(
    Phase phase, int epoch, int epochs, long step, long steps, double loss, double rowsPerSecond)
    implements Serializable {
  /** What a run does. */
  public enum Phase {
    READING("reading rows"),
    TRAINING("training"),
    FINISHED("finished"),
    FAILED("failed");

    private final String text;

    Phase(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  @Override
  public String toString() {
    if (steps == 0) return phase.toString();
    String text =
        String.format(
            Locale.ROOT, "%s: epoch %d of %d, step %d of %d", phase, epoch, epochs, step, steps);
    if (!Double.isNaN(loss)) text += String.format(Locale.ROOT, ", loss %.4f", loss);
    return step == 0 ? text : text + String.format(Locale.ROOT, ", %,.0f rows/s", rowsPerSecond);
  }
}
