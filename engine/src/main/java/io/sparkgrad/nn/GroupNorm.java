package io.sparkgrad.nn;

import io.sparkgrad.Parameter;
import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;

/**
 * Each row's groups of neighbouring channels normalized by themselves, then scaled a channel: Wu
 * and He 2018, arXiv:1803.08494; PyTorch's nn.GroupNorm.
 */
public class GroupNorm extends Module {
  private static final long serialVersionUID = 1;

  /** [channels], ones at first; null without one. */
  public final Parameter weight;

  /** [channels], zeros at first; null without one. */
  public final Parameter bias;

  private final int numGroups;
  private final int numChannels;
  private final double eps;

  public GroupNorm(int numGroups, int numChannels) {
    this(numGroups, numChannels, 1e-5, true);
  }

  /**
   * @param affine whether there are weight and bias
   */
  public GroupNorm(int numGroups, int numChannels, double eps, boolean affine) {
    if (numGroups <= 0 || numChannels % numGroups != 0)
      throw new IllegalArgumentException(
          "GroupNorm: num_channels must be divisible by num_groups, got %d and %d"
              .formatted(numChannels, numGroups));
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    weight = affine ? new Parameter(Tensor.ones(numChannels)) : null;
    bias = affine ? new Parameter(Tensor.zeros(numChannels)) : null;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.groupNorm(numGroups, weight, bias, eps);
  }

  @Override
  protected String describe() {
    return "%d, %d, eps=%s, affine=%s"
        .formatted(numGroups, numChannels, Repr.of(eps), weight == null ? "False" : "True");
  }
}
