package io.sparkgrad.cluster.fitting;

import io.sparkgrad.cluster.ps.EpochLoss;
import io.sparkgrad.cluster.ps.RunFailedException;
import io.sparkgrad.cluster.ps.Score;
import io.sparkgrad.nn.FlatParameters;

/** Refuses numbers that are not finite, and means over nothing, before they leave a run. */
final class NotFinite {
  private static final String REMEDY = "lower the learning rate or look for a division by zero";

  private NotFinite() {}

  /** Checks the loss of a batch; 0 for its denominator says that no row of it counts. */
  static void check(double sum, double denominator) {
    if (!(denominator >= 0) || Double.isInfinite(denominator))
      throw new RunFailedException(
          "the loss divides by %s: the denominator counts rows, or their weights"
              .formatted(denominator));
    if (!Double.isFinite(sum))
      throw new RunFailedException(
          "loss %s over %s is not finite: %s".formatted(sum, denominator, REMEDY));
  }

  /** As {@link #check(double, double)}, in training: weights that are broken are named. */
  static void check(double sum, double denominator, FlatParameters parameters, float[] weights) {
    String broken = Double.isFinite(sum) ? null : parameters.notFinite(weights);
    if (broken != null)
      throw new RunFailedException(
          "loss %s is not finite, as %s by then: %s".formatted(sum, broken, REMEDY));
    check(sum, denominator);
  }

  static void checkGradient(FlatParameters parameters, float[] gradient) {
    String broken = parameters.notFinite(gradient);
    if (broken != null)
      throw new RunFailedException("the gradient of %s, not finite: %s".formatted(broken, REMEDY));
  }

  /** Checks the weights that a run gives. */
  static void checkResult(FlatParameters parameters, float[] weights, int epoch, long step) {
    String broken = parameters.notFinite(weights);
    if (broken != null)
      throw new RunFailedException(
          "%s, not finite, after epoch %s, step %s: %s".formatted(broken, epoch, step, REMEDY));
  }

  /**
   * Checks the losses of an epoch. A metric may be NaN, say the recall of a class that is not
   * there.
   */
  static void check(EpochLoss e) {
    check("loss", "the rows", e.epoch() + 1, e.lossSum(), e.denominator());
    if (e.validation().isEmpty()) return;
    Score loss = e.validation().get(0);
    check("validation loss", "the validation rows", e.epoch() + 1, loss.sum(), loss.denominator());
  }

  private static void check(String what, String rows, int epoch, double sum, double denominator) {
    if (denominator == 0)
      throw new RunFailedException(
          "no row counts in epoch %s: over all of %s the loss divides by 0; does it ignore every label, or are all weights of rows 0?"
              .formatted(epoch, rows));
    if (!Double.isFinite(sum / denominator))
      throw new RunFailedException(
          "the %s is %s after epoch %s: %s".formatted(what, sum / denominator, epoch, REMEDY));
  }
}
