package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** The largest number of each window of sequences [(n,) channels, length]. */
public class MaxPool1d extends Module {
  private static final long serialVersionUID = 1;

  private final int kernelSize;
  private final int stride;
  private final int padding;
  private final int dilation;
  private final boolean ceilMode;

  /** Windows side by side. */
  public MaxPool1d(int kernelSize) {
    this(kernelSize, kernelSize, 0, 1, false);
  }

  /**
   * @param ceilMode whether a last window may reach beyond the sequence
   */
  public MaxPool1d(int kernelSize, int stride, int padding, int dilation, boolean ceilMode) {
    this.kernelSize = kernelSize;
    this.stride = stride;
    this.padding = padding;
    this.dilation = dilation;
    this.ceilMode = ceilMode;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.maxPool1d(kernelSize, stride, padding, dilation, ceilMode);
  }

  @Override
  protected String describe() {
    return "kernel_size=%d, stride=%d, padding=%d, dilation=%d, ceil_mode=%s"
        .formatted(kernelSize, stride, padding, dilation, ceilMode ? "True" : "False");
  }
}
