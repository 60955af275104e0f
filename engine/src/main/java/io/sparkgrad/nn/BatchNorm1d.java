package io.sparkgrad.nn;

/**
 * Each channel of [n, channels] or [n, channels, length] normalized over the batch: PyTorch's
 * nn.BatchNorm1d.
 */
public class BatchNorm1d extends BatchNorm {
  private static final long serialVersionUID = 1;

  public BatchNorm1d(int numFeatures) {
    this(numFeatures, 1e-5, 0.1, true);
  }

  /**
   * @param momentum the share of the batch in the running mean and variance; null: each batch
   *     counts as much as each before
   * @param affine whether there are weight and bias
   */
  public BatchNorm1d(int numFeatures, double eps, Double momentum, boolean affine) {
    super(numFeatures, eps, momentum, affine);
  }

  @Override
  boolean takes(int dims) {
    return dims == 2 || dims == 3;
  }

  @Override
  String ranks() {
    return "2D or 3D";
  }
}
