package io.sparkgrad.nn;

/**
 * Each channel of [n, channels, depth, height, width] normalized over the batch: PyTorch's
 * nn.BatchNorm3d.
 */
public class BatchNorm3d extends BatchNorm {
  private static final long serialVersionUID = 1;

  public BatchNorm3d(int numFeatures) {
    this(numFeatures, 1e-5, 0.1, true);
  }

  /**
   * @param momentum the share of the batch in the running mean and variance; null: each batch
   *     counts as much as each before
   * @param affine whether there are weight and bias
   */
  public BatchNorm3d(int numFeatures, double eps, Double momentum, boolean affine) {
    super(numFeatures, eps, momentum, affine);
  }

  @Override
  boolean takes(int dims) {
    return dims == 5;
  }

  @Override
  String ranks() {
    return "5D";
  }
}
