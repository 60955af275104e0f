package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.util.Arrays;

/**
 * Each pixel of images [(n,) channels, height, width] spread over a kernel's, the reverse of a
 * {@link Conv2d} in shape: PyTorch's nn.ConvTranspose2d, with its initial values.
 */
public class ConvTranspose2d extends ConvNd {
  private static final long serialVersionUID = 1;

  private final int[] outputPadding;

  public ConvTranspose2d(int inChannels, int outChannels, int kernelSize) {
    this(inChannels, outChannels, kernelSize, 1, 0, 0);
  }

  public ConvTranspose2d(
      int inChannels, int outChannels, int kernelSize, int stride, int padding, int outputPadding) {
    this(
        inChannels,
        outChannels,
        new int[] {kernelSize},
        new int[] {stride},
        new int[] {padding},
        new int[] {outputPadding},
        1,
        true,
        new int[] {1});
  }

  /**
   * @param kernelSize one number, or height and width; as the other settings
   * @param padding pixels that the output loses on both sides
   * @param outputPadding pixels that it has more behind
   * @param groups of channels, of which each makes its own outputs
   */
  public ConvTranspose2d(
      int inChannels,
      int outChannels,
      int[] kernelSize,
      int[] stride,
      int[] padding,
      int[] outputPadding,
      int groups,
      boolean bias,
      int[] dilation) {
    super(
        true,
        inChannels,
        outChannels,
        each(2, kernelSize),
        each(2, stride),
        each(2, padding),
        each(2, dilation),
        groups,
        bias);
    this.outputPadding = each(2, outputPadding);
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.convTranspose2d(weight, bias, stride, padding, outputPadding, groups, dilation);
  }

  @Override
  String moreSettings() {
    return Arrays.equals(outputPadding, new int[2])
        ? ""
        : ", output_padding=" + tuple(outputPadding);
  }
}
