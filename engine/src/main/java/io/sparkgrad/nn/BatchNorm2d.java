package io.sparkgrad.nn;

/**
 * Each channel of images [n, channels, height, width] normalized over the batch: PyTorch's
 * nn.BatchNorm2d.
 */
public class BatchNorm2d extends BatchNorm {
  private static final long serialVersionUID = 1;

  public BatchNorm2d(int numFeatures) {
    this(numFeatures, 1e-5, 0.1, true);
  }

  /**
   * @param momentum the share of the batch in the running mean and variance; null: each batch
   *     counts as much as each before
   * @param affine whether there are weight and bias
   */
  public BatchNorm2d(int numFeatures, double eps, Double momentum, boolean affine) {
    super(numFeatures, eps, momentum, affine);
  }

  @Override
  boolean takes(int dims) {
    return dims == 4;
  }

  @Override
  String ranks() {
    return "4D";
  }
}
