package io.sparkgrad.nn;

import io.sparkgrad.Parameter;
import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;

/**
 * x/√(mean(x²) + eps)·weight over the last dimensions, each row by itself: Zhang and Sennrich 2019,
 * arXiv:1910.07467; PyTorch 2's nn.RMSNorm, there with the least eps of its type unless one is
 * given.
 */
public class RMSNorm extends Module {
  private static final long serialVersionUID = 1;

  /** Of the normalized shape, ones at first; null without one. */
  public final Parameter weight;

  private final int[] shape;
  private final double eps;

  public RMSNorm(int... normalizedShape) {
    this(normalizedShape, Math.ulp(1f), true);
  }

  /**
   * @param affine whether there is a weight
   */
  public RMSNorm(int[] normalizedShape, double eps, boolean affine) {
    shape = normalizedShape.clone();
    this.eps = eps;
    weight = affine ? new Parameter(Tensor.ones(shape)) : null;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.rmsNorm(shape, weight, eps);
  }

  @Override
  protected String describe() {
    return "%s, eps=%s, elementwise_affine=%s"
        .formatted(ConvNd.tuple(shape), Repr.of(eps), weight == null ? "False" : "True");
  }
}
