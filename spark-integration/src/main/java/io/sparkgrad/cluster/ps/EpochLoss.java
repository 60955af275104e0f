package io.sparkgrad.cluster.ps;

import java.util.List;

/**
 * The loss of one pass over the rows, summed over its steps, each at the weights it started from.
 *
 * @param epoch 0 for the first
 * @param partial whether the run ended within the epoch
 * @param validation scores of the weights at its end on the validation rows, loss first; empty
 *     without validation
 */
public record EpochLoss(
    int epoch, double lossSum, double denominator, boolean partial, List<Score> validation) {
  EpochLoss(int epoch, double lossSum, double denominator) {
    this(epoch, lossSum, denominator, false, List.of());
  }

  /** The weighted mean; NaN if no row counted. */
  public double loss() {
    return lossSum / denominator;
  }

  EpochLoss validated(List<Score> scores) {
    return new EpochLoss(epoch, lossSum, denominator, partial, scores);
  }
}
