package io.sparkgrad.op.nn;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.Require;
import java.util.Arrays;

/**
 * A tensor's methods that shift and scale it to mean 0 and variance 1, channels (dimension 1) or
 * rows: torch.nn.functional's.
 */
public interface NormalizationMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  /**
   * Each channel normalized over the batch and all else: arXiv:1502.03167.
   *
   * @param runningMean [channels], moved towards the batch's mean in training; null for none
   * @param runningVar as runningMean, towards the variance over n - 1
   * @param weight [channels], or null, as bias
   * @param training whether by the batch's mean and variance, else by the running ones
   * @param momentum the share of the batch in the running ones
   * @throws IllegalArgumentException for one number a channel in training
   */
  default Tensor batchNorm(
      Tensor runningMean,
      Tensor runningVar,
      Tensor weight,
      Tensor bias,
      boolean training,
      double momentum,
      double eps) {
    String name = "batchNorm";
    Tensor x = self();
    NormalizationCheck.rank(name, x);
    NormalizationCheck.channels(name, "running_mean", runningMean, x);
    NormalizationCheck.channels(name, "running_var", runningVar, x);
    NormalizationCheck.channels(name, "weight", weight, x);
    NormalizationCheck.channels(name, "bias", bias, x);
    if (!training) {
      if (runningMean == null || runningVar == null)
        throw new IllegalArgumentException(
            "batchNorm: running_mean and running_var must be defined in evaluation mode");
      return Composite.of(
          name,
          "NativeBatchNormBackward0",
          () -> {
            Tensor y = x.sub(BatchNorm.along(runningMean, x));
            Tensor scale = runningVar.add(eps).rsqrt();
            if (weight != null) scale = scale.mul(weight);
            y = y.mul(BatchNorm.along(scale, x));
            return bias == null ? y : y.add(BatchNorm.along(bias, x));
          },
          x,
          weight,
          bias,
          runningMean,
          runningVar);
    }
    NormalizationCheck.severalPerChannel(name, x);
    BatchNorm op = new BatchNorm(eps);
    Tensor[] out = byBatch(op, x, weight, bias);
    try (var quiet = Grad.noGrad()) {
      double n = x.numel() / x.size(1);
      if (runningMean != null) runningMean.mul_(1 - momentum).add_(out[1].detach().mul(momentum));
      if (runningVar != null)
        runningVar.mul_(1 - momentum).add_(out[2].detach().mul(momentum * n / (n - 1)));
    }
    return out[0];
  }

  private static Tensor[] byBatch(BatchNorm op, Tensor x, Tensor weight, Tensor bias) {
    if (weight == null && bias == null) return Ops.callAll(op, x);
    Tensor w = weight == null ? bias.newFull(1.0, bias.shape()) : weight;
    Tensor b = bias == null ? weight.newZeros(weight.shape()) : bias;
    return Ops.callAll(op, x, w, b);
  }

  /**
   * Each row's groups of neighbouring channels normalized by themselves: Wu and He 2018,
   * arXiv:1803.08494.
   *
   * @param weight [channels], or null, as bias
   */
  default Tensor groupNorm(int numGroups, Tensor weight, Tensor bias, double eps) {
    String name = "groupNorm";
    Tensor x = self();
    NormalizationCheck.rank(name, x);
    if (numGroups <= 0 || x.size(1) % numGroups != 0)
      throw new IllegalArgumentException(
          "groupNorm: Expected number of channels in input to be divisible by num_groups, but got input of shape %s and num_groups=%d"
              .formatted(Arrays.toString(x.shape()), numGroups));
    NormalizationCheck.channels(name, "weight", weight, x);
    NormalizationCheck.channels(name, "bias", bias, x);
    return Composite.of(
        name,
        "NativeGroupNormBackward0",
        () -> perChannel(rows(x, x.size(0) * numGroups, eps), weight, bias),
        x,
        weight,
        bias);
  }

  /**
   * Each channel of each row normalized by itself: Ulyanov et al. 2016, arXiv:1607.08022.
   *
   * @param weight [channels], or null, as bias
   */
  default Tensor instanceNorm(Tensor weight, Tensor bias, double eps) {
    String name = "instanceNorm";
    Tensor x = self();
    NormalizationCheck.rank(name, x);
    if (x.numel() == x.size(0) * x.size(1))
      throw new IllegalArgumentException(
          "instanceNorm: Expected more than 1 spatial element when training, got input size "
              + Arrays.toString(x.shape()));
    NormalizationCheck.channels(name, "weight", weight, x);
    NormalizationCheck.channels(name, "bias", bias, x);
    return Composite.of(
        name,
        "ViewBackward0",
        () -> perChannel(rows(x, x.size(0) * x.size(1), eps), weight, bias),
        x,
        weight,
        bias);
  }

  /* In so many equal parts, each by itself: what batch norm does to the channels of one image. */
  private static Tensor rows(Tensor x, int parts, double eps) {
    if (x.numel() == 0) return x.clone();
    return Ops.callAll(new BatchNorm(eps), x.reshape(1, parts, -1))[0].view(x.shape());
  }

  private static Tensor perChannel(Tensor y, Tensor weight, Tensor bias) {
    if (weight != null) y = y.mul(BatchNorm.along(weight, y));
    return bias == null ? y : y.add(BatchNorm.along(bias, y));
  }

  /**
   * x/√(mean(x²) + eps)·weight over the last dimensions: Zhang and Sennrich 2019, arXiv:1910.07467.
   *
   * @param normalizedShape those dimensions' sizes
   * @param weight of that shape, or null
   */
  default Tensor rmsNorm(int[] normalizedShape, Tensor weight, double eps) {
    Tensor x = self();
    int first = x.dim() - normalizedShape.length;
    boolean ends =
        first >= 0 && Arrays.equals(normalizedShape, Arrays.copyOfRange(x.shape(), first, x.dim()));
    if (!ends || normalizedShape.length == 0)
      throw new IllegalArgumentException(
          "rmsNorm: Given normalized_shape=%s, expected input with shape [*, that shape], but got input of size %s"
              .formatted(Arrays.toString(normalizedShape), Arrays.toString(x.shape())));
    if (weight != null && !Arrays.equals(weight.shape(), normalizedShape))
      throw new IllegalArgumentException(
          "rmsNorm: Expected weight to be of same shape as normalized_shape, but got weight of shape %s and normalized_shape = %s"
              .formatted(Arrays.toString(weight.shape()), Arrays.toString(normalizedShape)));
    Require.floats("rmsNorm", x);
    int[] dims = new int[normalizedShape.length];
    for (int i = 0; i < dims.length; i++) dims[i] = first + i;
    return Composite.named(
        "rmsNorm",
        () -> {
          Tensor y = x.mul(x.square().mean(dims, true).add(eps).rsqrt());
          return weight == null ? y : y.mul(weight);
        });
  }
}
