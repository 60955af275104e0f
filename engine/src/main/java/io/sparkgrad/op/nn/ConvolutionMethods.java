package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Ops;
import java.util.Arrays;

/**
 * A tensor's methods that convolve it: images [n, channels, height, width] or sequences [n,
 * channels, length], or one of them without n. Settings are one number for all dimensions, or one
 * each, as torch.nn.functional's.
 */
public interface ConvolutionMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  /**
   * As {@link #conv2d(Tensor, Tensor, int[], int[], int[], int)}, by steps of one pixel without
   * padding.
   */
  default Tensor conv2d(Tensor weight, Tensor bias) {
    return conv2d(weight, bias, 1, 0);
  }

  /** As {@link #conv2d(Tensor, Tensor, int[], int[], int[], int)}, of one group. */
  default Tensor conv2d(Tensor weight, Tensor bias, int stride, int padding) {
    return conv2d(weight, bias, new int[] {stride}, new int[] {padding}, new int[] {1}, 1);
  }

  /**
   * The convolution (without a flip of the kernel: cross-correlation) of images with kernels.
   *
   * @param weight [outputs, channels/groups, kernel height, kernel width]
   * @param bias [outputs], or null
   * @param stride pixels from a patch to the next
   * @param padding zeros on both sides
   * @param dilation pixels from one that a kernel sees to the next
   * @param groups of channels, of which each makes its own outputs
   */
  default Tensor conv2d(
      Tensor weight, Tensor bias, int[] stride, int[] padding, int[] dilation, int groups) {
    if (self().dim() == 3)
      return Composite.named(
          "conv2d",
          () ->
              self()
                  .unsqueeze(0)
                  .conv2d(weight, bias, stride, padding, dilation, groups)
                  .squeeze(0));
    Conv2d op =
        new Conv2d(
            ConvolutionCheck.each("conv2d", "stride", stride, 2),
            ConvolutionCheck.each("conv2d", "padding", padding, 2),
            ConvolutionCheck.each("conv2d", "dilation", dilation, 2),
            groups);
    return bias == null ? Ops.call(op, self(), weight) : Ops.call(op, self(), weight, bias);
  }

  /**
   * As {@link #conv2d(Tensor, Tensor, int[], int[], int[], int)}.
   *
   * @param padding {@code valid} for none, {@code same} for an output of the input's size
   */
  default Tensor conv2d(
      Tensor weight, Tensor bias, int[] stride, String padding, int[] dilation, int groups) {
    int[] none = {0};
    if (padding.equals("valid")) return conv2d(weight, bias, stride, none, dilation, groups);
    if (!padding.equals("same"))
      throw new IllegalArgumentException(
          "conv2d: Invalid padding string: '%s'; use valid or same".formatted(padding));
    if (Arrays.stream(stride).anyMatch(s -> s != 1))
      throw new IllegalArgumentException(
          "conv2d: padding='same' is not supported for strided convolutions, got stride="
              + Arrays.toString(stride));
    int[] steps = ConvolutionCheck.each("conv2d", "dilation", dilation, 2);
    int[] both = new int[2];
    int[] more = new int[4]; // behind the last dimension first, as pad has it
    for (int d = 0; d < 2; d++) {
      int total = steps[d] * (weight.size(d - 2) - 1);
      both[d] = total / 2;
      more[3 - 2 * d] = total % 2;
    }
    boolean even = more[1] == 0 && more[3] == 0;
    Tensor x = self();
    return even
        ? conv2d(weight, bias, stride, both, dilation, groups)
        : Composite.of(
            "conv2d",
            "ConvolutionBackward0",
            () -> x.pad(more, "constant").conv2d(weight, bias, stride, both, dilation, groups),
            x,
            weight,
            bias);
  }

  /** As {@link #conv1d(Tensor, Tensor, int, int, int, int)}, by steps of one without padding. */
  default Tensor conv1d(Tensor weight, Tensor bias) {
    return conv1d(weight, bias, 1, 0, 1, 1);
  }

  /**
   * As {@link #conv2d(Tensor, Tensor, int[], int[], int[], int)}, of sequences.
   *
   * @param weight [outputs, channels/groups, kernel length]
   */
  default Tensor conv1d(
      Tensor weight, Tensor bias, int stride, int padding, int dilation, int groups) {
    Tensor x = self();
    if (x.dim() == 2)
      return Composite.named(
          "conv1d",
          () -> x.unsqueeze(0).conv1d(weight, bias, stride, padding, dilation, groups).squeeze(0));
    ConvolutionCheck.operands("conv1d", 3, x, weight, bias);
    return Composite.of(
        "conv1d",
        "ConvolutionBackward0",
        () ->
            x.unsqueeze(2)
                .conv2d(
                    weight.unsqueeze(2),
                    bias,
                    new int[] {1, stride},
                    new int[] {0, padding},
                    new int[] {1, dilation},
                    groups)
                .squeeze(2),
        x,
        weight,
        bias);
  }

  /** As {@link #convTranspose2d(Tensor, Tensor, int[], int[], int[], int, int[])}, of one group. */
  default Tensor convTranspose2d(Tensor weight, Tensor bias, int stride, int padding) {
    int[] none = {0};
    return convTranspose2d(
        weight, bias, new int[] {stride}, new int[] {padding}, none, 1, new int[] {1});
  }

  /**
   * The gradient of {@link #conv2d(Tensor, Tensor, int[], int[], int[], int)}'s input for this
   * tensor as the gradient of its output, plus a bias.
   *
   * @param weight [channels, outputs/groups, kernel height, kernel width]
   * @param bias [outputs], or null
   * @param outputPadding pixels more behind, of the sizes that a stride makes one
   */
  default Tensor convTranspose2d(
      Tensor weight,
      Tensor bias,
      int[] stride,
      int[] padding,
      int[] outputPadding,
      int groups,
      int[] dilation) {
    String name = "convTranspose2d";
    if (self().dim() == 3)
      return Composite.named(
          name,
          () ->
              self()
                  .unsqueeze(0)
                  .convTranspose2d(weight, bias, stride, padding, outputPadding, groups, dilation)
                  .squeeze(0));
    ConvTranspose2d op =
        new ConvTranspose2d(
            ConvolutionCheck.each(name, "stride", stride, 2),
            ConvolutionCheck.each(name, "padding", padding, 2),
            ConvolutionCheck.each(name, "output_padding", outputPadding, 2),
            groups,
            ConvolutionCheck.each(name, "dilation", dilation, 2));
    return bias == null ? Ops.call(op, self(), weight) : Ops.call(op, self(), weight, bias);
  }
}
