package io.sparkgrad.spark.ps;

/**
 * The loss of one pass over the rows, each step with the weights it started from.
 *
 * @param epoch 0 for the first
 */
public record EpochLoss(int epoch, double lossSum, double denominator) {
  /** The weighted mean; NaN if no row counted. */
  public double loss() {
    return lossSum / denominator;
  }
}
