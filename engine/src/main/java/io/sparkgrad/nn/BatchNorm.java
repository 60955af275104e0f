package io.sparkgrad.nn;

import io.sparkgrad.Buffer;
import io.sparkgrad.Grad;
import io.sparkgrad.Parameter;
import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Checkpoint;
import java.util.Arrays;

/**
 * y = (x - mean) / √(var + eps) · weight + bias for each channel, dimension 1: Ioffe and Szegedy
 * 2015, arXiv:1502.03167. In training mean and variance are the batch's, and the running ones move
 * towards them; in evaluation they are the running ones.
 *
 * <p>On a cluster a worker's batch is its share of a step's rows; the running ones become the mean
 * over the workers, see {@link Buffer}.
 */
public abstract class BatchNorm extends Module {
  private static final long serialVersionUID = 1;

  /** [channels], ones at first; null without one. */
  public final Parameter weight;

  /** [channels], zeros at first; null without one. */
  public final Parameter bias;

  /** [channels], zeros at first. */
  @StateName("running_mean")
  public final Buffer runningMean;

  /** [channels], ones at first. */
  @StateName("running_var")
  public final Buffer runningVar;

  /** int64, 0-dim: forward passes in training. */
  @StateName("num_batches_tracked")
  public final Buffer numBatchesTracked;

  private final double eps;
  private final Double momentum;

  /**
   * @param momentum the share of the batch in the running mean and variance; null: each batch
   *     counts as much as each before
   * @param affine whether there are weight and bias
   */
  BatchNorm(int numFeatures, double eps, Double momentum, boolean affine) {
    this.eps = eps;
    this.momentum = momentum;
    weight = affine ? new Parameter(Tensor.ones(numFeatures)) : null;
    bias = affine ? new Parameter(Tensor.zeros(numFeatures)) : null;
    runningMean = new Buffer(Tensor.zeros(numFeatures));
    runningVar = new Buffer(Tensor.ones(numFeatures));
    numBatchesTracked = new Buffer(Tensor.of(new long[] {0}, new int[0]));
  }

  /** Whether inputs may have so many dimensions. */
  abstract boolean takes(int dims);

  /** How those are named. */
  abstract String ranks();

  @Override
  public Tensor forward(Tensor x) {
    check(x);
    if (!isTraining()) return x.batchNorm(runningMean, runningVar, weight, bias, false, 0, eps);
    if (Checkpoint.isRecomputing()) // the batch has counted
    return x.batchNorm(runningMean.clone(), runningVar.clone(), weight, bias, true, 0, eps);
    double share = momentum == null ? 1.0 / (numBatchesTracked.itemLong() + 1) : momentum;
    Tensor y = x.batchNorm(runningMean, runningVar, weight, bias, true, share, eps);
    try (var quiet = Grad.noGrad()) {
      numBatchesTracked.add_(1);
    }
    return y;
  }

  private void check(Tensor x) {
    String name = getClass().getSimpleName();
    int channels = runningMean.numel();
    if (!takes(x.dim()))
      throw new IllegalArgumentException(
          "%s: expected %s input (got %sD input)".formatted(name, ranks(), x.dim()));
    if (x.size(1) != channels)
      throw new IllegalArgumentException(
          "%s: expected %s channels in dimension 1, got an input of shape %s"
              .formatted(name, channels, Arrays.toString(x.shape())));
  }

  @Override
  protected String describe() {
    return "%s, eps=%s, momentum=%s, affine=%s, track_running_stats=True"
        .formatted(
            runningMean.numel(),
            Repr.of(eps),
            momentum == null ? "None" : Repr.of(momentum),
            weight == null ? "False" : "True");
  }
}
