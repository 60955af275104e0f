package io.sparkgrad.backend.onednn;

/**
 * A convolution of images [n, channels, height, width] with [outputs, channels/groups, kernel
 * height, kernel width].
 */
public record ConvolutionShape(int channels, int outputs, int groups, Axis height, Axis width) {

  /**
   * One of the two dimensions of images.
   *
   * @param dilation pixels from one that a kernel sees to the next
   * @param out numbers of a line of the result
   */
  public record Axis(int size, int kernel, int stride, int padding, int dilation, int out) {
    /* What a transposed one with its output padding leaves may be more than a step. */
    boolean isUsual() {
      return (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1 == out;
    }
  }

  int xNumbers() {
    return channels * height.size * width.size;
  }

  int yNumbers() {
    return outputs * height.out * width.out;
  }

  int weights() {
    return outputs * (channels / groups) * height.kernel * width.kernel;
  }

  long[] x(int images) {
    return new long[] {images, channels, height.size, width.size};
  }

  long[] y(int images) {
    return new long[] {images, outputs, height.out, width.out};
  }

  /** With a dimension for the groups in front, where there are several. */
  long[] w() {
    long kernels = channels / groups;
    return groups == 1
        ? new long[] {outputs, kernels, height.kernel, width.kernel}
        : new long[] {groups, outputs / groups, kernels, height.kernel, width.kernel};
  }

  long[] strides() {
    return new long[] {height.stride, width.stride};
  }

  long[] padding() {
    return new long[] {height.padding, width.padding};
  }

  /** As oneDNN counts it: pixels left out between two. */
  long[] dilations() {
    return new long[] {height.dilation - 1, width.dilation - 1};
  }
}
