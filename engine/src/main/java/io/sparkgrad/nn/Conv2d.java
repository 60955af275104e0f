package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/**
 * The convolution of images [(n,) channels, height, width] with kernels: PyTorch's nn.Conv2d, with
 * its initial values.
 */
public class Conv2d extends ConvNd {
  private static final long serialVersionUID = 1;

  private static final String ZEROS = "zeros";

  private final String paddingName;
  private final String paddingMode;

  public Conv2d(int inChannels, int outChannels, int kernelSize) {
    this(inChannels, outChannels, kernelSize, 1, 0);
  }

  public Conv2d(int inChannels, int outChannels, int kernelSize, int stride, int padding) {
    this(inChannels, outChannels, kernelSize, stride, padding, true);
  }

  public Conv2d(
      int inChannels, int outChannels, int kernelSize, int stride, int padding, boolean bias) {
    this(
        inChannels,
        outChannels,
        new int[] {kernelSize},
        new int[] {stride},
        new int[] {padding},
        new int[] {1},
        1,
        bias,
        ZEROS);
  }

  /**
   * @param kernelSize one number, or height and width; as the other settings
   * @param padding pixels on both sides
   * @param groups of channels, of which each makes its own outputs
   * @param paddingMode zeros, reflect, replicate or circular
   */
  public Conv2d(
      int inChannels,
      int outChannels,
      int[] kernelSize,
      int[] stride,
      int[] padding,
      int[] dilation,
      int groups,
      boolean bias,
      String paddingMode) {
    this(
        inChannels,
        outChannels,
        kernelSize,
        stride,
        padding,
        null,
        dilation,
        groups,
        bias,
        paddingMode);
  }

  /**
   * @param padding {@code valid} for none, {@code same} for outputs of the input's size
   */
  public Conv2d(
      int inChannels,
      int outChannels,
      int[] kernelSize,
      int[] stride,
      String padding,
      int[] dilation,
      int groups,
      boolean bias) {
    this(
        inChannels,
        outChannels,
        kernelSize,
        stride,
        new int[] {0},
        padding,
        dilation,
        groups,
        bias,
        ZEROS);
  }

  private Conv2d(
      int inChannels,
      int outChannels,
      int[] kernelSize,
      int[] stride,
      int[] padding,
      String paddingName,
      int[] dilation,
      int groups,
      boolean bias,
      String paddingMode) {
    super(
        false,
        inChannels,
        outChannels,
        each(2, kernelSize),
        each(2, stride),
        each(2, padding),
        each(2, dilation),
        groups,
        bias);
    this.paddingName = paddingName;
    this.paddingMode = PaddingModule.checkedMode("Conv2d", paddingMode);
  }

  @Override
  public Tensor forward(Tensor x) {
    if (paddingName != null) return x.conv2d(weight, bias, stride, paddingName, dilation, groups);
    if (paddingMode.equals(ZEROS)) return x.conv2d(weight, bias, stride, padding, dilation, groups);
    int[] sides = {padding[1], padding[1], padding[0], padding[0]};
    int[] none = {0, 0};
    return x.pad(sides, paddingMode).conv2d(weight, bias, stride, none, dilation, groups);
  }

  @Override
  String paddingText() {
    return paddingName != null ? paddingName : super.paddingText();
  }

  @Override
  String lastSettings() {
    return paddingMode.equals(ZEROS) ? "" : ", padding_mode=" + paddingMode;
  }
}
