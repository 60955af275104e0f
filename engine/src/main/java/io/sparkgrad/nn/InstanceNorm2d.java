package io.sparkgrad.nn;

import io.sparkgrad.Parameter;
import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;
import java.util.Arrays;

/**
 * Each channel of each image [(n,) channels, height, width] normalized by itself: Ulyanov et al.
 * 2016, arXiv:1607.08022; PyTorch's nn.InstanceNorm2d without running statistics.
 */
public class InstanceNorm2d extends Module {
  private static final long serialVersionUID = 1;

  /** [channels], ones at first; null without one. */
  public final Parameter weight;

  /** [channels], zeros at first; null without one. */
  public final Parameter bias;

  private final int numFeatures;
  private final double eps;

  public InstanceNorm2d(int numFeatures) {
    this(numFeatures, 1e-5, false);
  }

  /**
   * @param affine whether there are weight and bias
   */
  public InstanceNorm2d(int numFeatures, double eps, boolean affine) {
    this.numFeatures = numFeatures;
    this.eps = eps;
    weight = affine ? new Parameter(Tensor.ones(numFeatures)) : null;
    bias = affine ? new Parameter(Tensor.zeros(numFeatures)) : null;
  }

  @Override
  public Tensor forward(Tensor x) {
    if (x.dim() != 3 && x.dim() != 4)
      throw new IllegalArgumentException(
          "InstanceNorm2d: expected 3D or 4D input (got %dD input)".formatted(x.dim()));
    if (x.size(-3) != numFeatures)
      throw new IllegalArgumentException(
          "InstanceNorm2d: expected %d channels, got an input of shape %s"
              .formatted(numFeatures, Arrays.toString(x.shape())));
    return x.dim() == 4
        ? x.instanceNorm(weight, bias, eps)
        : x.unsqueeze(0).instanceNorm(weight, bias, eps).squeeze(0);
  }

  @Override
  protected String describe() {
    return "%d, eps=%s, momentum=0.1, affine=%s, track_running_stats=False"
        .formatted(numFeatures, Repr.of(eps), weight == null ? "False" : "True");
  }
}
