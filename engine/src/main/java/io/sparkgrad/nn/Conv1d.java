package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/**
 * The convolution of sequences [(n,) channels, length] with kernels: PyTorch's nn.Conv1d, with its
 * initial values.
 */
public class Conv1d extends ConvNd {
  private static final long serialVersionUID = 1;

  public Conv1d(int inChannels, int outChannels, int kernelSize) {
    this(inChannels, outChannels, kernelSize, 1, 0);
  }

  public Conv1d(int inChannels, int outChannels, int kernelSize, int stride, int padding) {
    this(inChannels, outChannels, kernelSize, stride, padding, 1, 1, true);
  }

  /**
   * @param padding zeros on both sides
   * @param groups of channels, of which each makes its own outputs
   */
  public Conv1d(
      int inChannels,
      int outChannels,
      int kernelSize,
      int stride,
      int padding,
      int dilation,
      int groups,
      boolean bias) {
    super(
        false,
        inChannels,
        outChannels,
        new int[] {kernelSize},
        new int[] {stride},
        new int[] {padding},
        new int[] {dilation},
        groups,
        bias);
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.conv1d(weight, bias, stride[0], padding[0], dilation[0], groups);
  }
}
