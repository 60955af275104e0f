package io.sparkgrad.nn;

import io.sparkgrad.Buffer;
import io.sparkgrad.Grad;
import io.sparkgrad.Parameter;
import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import java.util.Arrays;

/**
 * y = (x - mean) / √(var + eps) · weight + bias for each channel of [n, channels] or [n, channels,
 * length]: Ioffe and Szegedy 2015, arXiv:1502.03167; PyTorch's nn.BatchNorm1d. In training mean and
 * variance are the batch's, and the running ones move towards them; in evaluation they are the
 * running ones.
 *
 * <p>On a cluster a worker's batch is its share of a step's rows; the running ones become the mean
 * over the workers, see {@link Buffer}.
 */
public class BatchNorm1d extends Module {
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

  public BatchNorm1d(int numFeatures) {
    this(numFeatures, 1e-5, 0.1, true);
  }

  /**
   * @param momentum the share of the batch in the running mean and variance; null: each batch
   *     counts as much as each before
   * @param affine whether there are weight and bias
   */
  public BatchNorm1d(int numFeatures, double eps, Double momentum, boolean affine) {
    this.eps = eps;
    this.momentum = momentum;
    weight = affine ? new Parameter(Tensor.ones(numFeatures)) : null;
    bias = affine ? new Parameter(Tensor.zeros(numFeatures)) : null;
    runningMean = new Buffer(Tensor.zeros(numFeatures));
    runningVar = new Buffer(Tensor.ones(numFeatures));
    numBatchesTracked = new Buffer(Tensor.of(new long[] {0}, new int[0]));
  }

  @Override
  public Tensor forward(Tensor x) {
    check(x);
    return Composite.of(
        "batchNorm",
        "NativeBatchNormBackward0",
        () -> isTraining() ? byBatch(x) : by(x, runningMean, runningVar),
        x,
        weight,
        bias);
  }

  private void check(Tensor x) {
    int channels = runningMean.numel();
    if (x.dim() != 2 && x.dim() != 3)
      throw new IllegalArgumentException(
          "BatchNorm1d: expected 2D or 3D input (got %sD input)".formatted(x.dim()));
    if (x.size(1) != channels)
      throw new IllegalArgumentException(
          "BatchNorm1d: expected %s channels in dimension 1, got an input of shape %s"
              .formatted(channels, Arrays.toString(x.shape())));
    if (isTraining() && x.numel() <= channels)
      throw new IllegalArgumentException(
          "BatchNorm1d: Expected more than 1 value per channel when training, got input size %s; choose a batch size that leaves no worker a single row, or call eval()"
              .formatted(Arrays.toString(x.shape())));
  }

  private Tensor byBatch(Tensor x) {
    int[] dims = x.dim() == 2 ? new int[] {0} : new int[] {0, 2};
    Tensor mean = x.mean(dims, false);
    Tensor var = x.sub(perChannel(mean, x)).square().mean(dims, false);
    track(mean.detach(), var.detach(), x.numel() / x.size(1));
    return by(x, mean, var);
  }

  private void track(Tensor mean, Tensor var, int n) {
    try (var quiet = Grad.noGrad()) {
      numBatchesTracked.add_(1);
      double share = momentum == null ? 1.0 / numBatchesTracked.itemLong() : momentum;
      runningMean.mul_(1 - share).add_(mean.mul(share));
      runningVar.mul_(1 - share).add_(var.mul(share * n / (n - 1.0)));
    }
  }

  private Tensor by(Tensor x, Tensor mean, Tensor var) {
    Tensor y = x.sub(perChannel(mean, x)).mul(perChannel(var.add(eps).rsqrt(), x));
    return weight == null ? y : y.mul(perChannel(weight, x)).add(perChannel(bias, x));
  }

  private static Tensor perChannel(Tensor t, Tensor x) {
    return x.dim() == 2 ? t : t.unsqueeze(1);
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
