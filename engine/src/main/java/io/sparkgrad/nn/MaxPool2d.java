package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** The largest pixel of each window of images [(n,) channels, height, width]. */
public class MaxPool2d extends Module {
  private static final long serialVersionUID = 1;

  private final int[] kernelSize;
  private final int[] stride;
  private final int[] padding;
  private final int[] dilation;
  private final boolean ceilMode;

  /** Windows side by side. */
  public MaxPool2d(int kernelSize) {
    this(kernelSize, kernelSize, 0);
  }

  public MaxPool2d(int kernelSize, int stride, int padding) {
    this(new int[] {kernelSize}, new int[] {stride}, new int[] {padding}, new int[] {1}, false);
  }

  /**
   * @param kernelSize one number, or height and width; as the other settings
   * @param ceilMode whether a last window may reach beyond the image
   */
  public MaxPool2d(
      int[] kernelSize, int[] stride, int[] padding, int[] dilation, boolean ceilMode) {
    this.kernelSize = kernelSize.clone();
    this.stride = stride.clone();
    this.padding = padding.clone();
    this.dilation = dilation.clone();
    this.ceilMode = ceilMode;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.maxPool2d(kernelSize, stride, padding, dilation, ceilMode);
  }

  @Override
  protected String describe() {
    return "kernel_size=%s, stride=%s, padding=%s, dilation=%s, ceil_mode=%s"
        .formatted(
            text(kernelSize),
            text(stride),
            text(padding),
            text(dilation),
            ceilMode ? "True" : "False");
  }

  /** A number, or a tuple. */
  static String text(int... values) {
    return values.length == 1 ? String.valueOf(values[0]) : ConvNd.tuple(values);
  }
}
