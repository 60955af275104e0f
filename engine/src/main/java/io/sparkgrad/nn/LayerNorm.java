package io.sparkgrad.nn;

import io.sparkgrad.Parameter;
import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * y = (x - mean) / √(var + eps) · weight + bias over the last dimensions, each row by itself: Ba et
 * al. 2016, arXiv:1607.06450; PyTorch's nn.LayerNorm.
 */
public class LayerNorm extends Module {
  private static final long serialVersionUID = 1;

  /** Of the normalized shape, ones at first; null without one. */
  public final Parameter weight;

  /** Of the normalized shape, zeros at first; null without one. */
  public final Parameter bias;

  private final int[] shape;
  private final double eps;

  public LayerNorm(int... normalizedShape) {
    this(normalizedShape, 1e-5, true);
  }

  /**
   * @param affine whether there are weight and bias
   */
  public LayerNorm(int[] normalizedShape, double eps, boolean affine) {
    if (normalizedShape.length == 0)
      throw new IllegalArgumentException("LayerNorm: expected at least one dimension to normalize");
    this.shape = normalizedShape.clone();
    this.eps = eps;
    weight = affine ? new Parameter(Tensor.ones(shape)) : null;
    bias = affine ? new Parameter(Tensor.zeros(shape)) : null;
  }

  @Override
  public Tensor forward(Tensor x) {
    int first = x.dim() - shape.length;
    if (first < 0 || !Arrays.equals(shape, Arrays.copyOfRange(x.shape(), first, x.dim())))
      throw new IllegalArgumentException(
          "LayerNorm: expected an input that ends in the shape %s, got %s"
              .formatted(Arrays.toString(shape), Arrays.toString(x.shape())));
    int[] dims = new int[shape.length];
    for (int i = 0; i < dims.length; i++) dims[i] = first + i;
    return Composite.of(
        "layerNorm",
        "NativeLayerNormBackward0",
        () -> {
          Tensor off = x.sub(x.mean(dims, true));
          Tensor y = off.mul(off.square().mean(dims, true).add(eps).rsqrt());
          return weight == null ? y : y.mul(weight).add(bias);
        },
        x,
        weight,
        bias);
  }

  @Override
  protected String describe() {
    String sizes = Arrays.stream(shape).mapToObj(String::valueOf).collect(Collectors.joining(", "));
    return "(%s%s), eps=%s, elementwise_affine=%s"
        .formatted(
            sizes, shape.length == 1 ? "," : "", Repr.of(eps), weight == null ? "False" : "True");
  }
}
