package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** The mean of each window of images [(n,) channels, height, width]. */
public class AvgPool2d extends Module {
  private static final long serialVersionUID = 1;

  private final int[] kernelSize;
  private final int[] stride;
  private final int[] padding;
  private final boolean ceilMode;
  private final boolean countIncludePad;

  /** Windows side by side. */
  public AvgPool2d(int kernelSize) {
    this(kernelSize, kernelSize, 0);
  }

  public AvgPool2d(int kernelSize, int stride, int padding) {
    this(new int[] {kernelSize}, new int[] {stride}, new int[] {padding}, false, true);
  }

  /**
   * @param kernelSize one number, or height and width; as the other settings
   * @param ceilMode whether a last window may reach beyond the image
   * @param countIncludePad whether the zeros of the padding count
   */
  public AvgPool2d(
      int[] kernelSize, int[] stride, int[] padding, boolean ceilMode, boolean countIncludePad) {
    this.kernelSize = kernelSize.clone();
    this.stride = stride.clone();
    this.padding = padding.clone();
    this.ceilMode = ceilMode;
    this.countIncludePad = countIncludePad;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.avgPool2d(kernelSize, stride, padding, ceilMode, countIncludePad);
  }

  @Override
  protected String describe() {
    return "kernel_size=%s, stride=%s, padding=%s"
        .formatted(MaxPool2d.text(kernelSize), MaxPool2d.text(stride), MaxPool2d.text(padding));
  }
}
