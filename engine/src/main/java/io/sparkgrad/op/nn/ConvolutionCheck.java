package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.Require;
import java.util.Arrays;

/** What convolutions are given, with PyTorch's errors. */
final class ConvolutionCheck {
  private ConvolutionCheck() {}

  /** A setting for each dimension, of which there is one for all or one each. */
  static int[] each(String op, String setting, int[] values, int dims) {
    if (values.length == dims) return values;
    if (values.length == 1) {
      int[] all = new int[dims];
      Arrays.fill(all, values[0]);
      return all;
    }
    throw new IllegalArgumentException(
        "%s: expected %s to be a single integer value or a list of %d values to match the convolution dimensions, but got %s=%s"
            .formatted(op, setting, dims, setting, Arrays.toString(values)));
  }

  static void operands(String op, int rank, Tensor x, Tensor w, Tensor bias) {
    if (x.dim() != rank)
      throw new IllegalArgumentException(
          "%s: Expected %dD (unbatched) or %dD (batched) input to %s, but got input of size: %s"
              .formatted(op, rank - 1, rank, op, Arrays.toString(x.shape())));
    if (w.dim() != rank)
      throw new IllegalArgumentException(
          "%s: expected a weight of %d dimensions, but got weight of size %s"
              .formatted(op, rank, Arrays.toString(w.shape())));
    Require.floats(op, x);
    Require.sameType(op, x, "weight", w);
    if (bias != null) Require.sameType(op, x, "bias", bias);
  }

  static void settings(String op, int[] stride, int[] padding, int[] dilation, int groups) {
    if (groups <= 0) throw wrong(op, "non-positive groups is not supported, got " + groups);
    for (int s : stride)
      if (s <= 0)
        throw wrong(op, "non-positive stride is not supported, got " + Arrays.toString(stride));
    for (int p : padding)
      if (p < 0)
        throw wrong(op, "negative padding is not supported, got " + Arrays.toString(padding));
    for (int d : dilation)
      if (d <= 0)
        throw wrong(
            op, "dilation should be greater than zero, but got " + Arrays.toString(dilation));
  }

  static void channels(Tensor x, Tensor w, int groups) {
    atLeastGroups("conv2d", w, groups);
    if (x.size(1) != w.size(1) * groups)
      throw channels("conv2d", "groups=" + groups, x, w, w.size(1) * groups);
  }

  static void transposedChannels(Tensor x, Tensor w, int groups) {
    atLeastGroups("convTranspose2d", w, groups);
    if (x.size(1) != w.size(0)) throw channels("convTranspose2d", "transposed=1", x, w, w.size(0));
  }

  private static IllegalArgumentException channels(
      String op, String given, Tensor x, Tensor w, int expected) {
    return wrong(
        op,
        "Given %s, weight of size %s, expected input%s to have %d channels, but got %d channels instead"
            .formatted(
                given,
                Arrays.toString(w.shape()),
                Arrays.toString(x.shape()),
                expected,
                x.size(1)));
  }

  private static void atLeastGroups(String op, Tensor w, int groups) {
    String text =
        "Given groups=%d, expected weight to be %s %d at dimension 0, but got weight of size %s instead";
    String size = Arrays.toString(w.shape());
    if (w.size(0) < groups) throw wrong(op, text.formatted(groups, "at least", groups, size));
    if (w.size(0) % groups != 0)
      throw wrong(op, text.formatted(groups, "divisible by", groups, size));
  }

  static void fits(String op, Tensor x, int[] kernel, int[] padding, int[] dilation) {
    for (int d = 0; d < 2; d++)
      if (kernel[d] <= 0)
        throw wrong(
            op, "kernel size should be greater than zero, but got " + Arrays.toString(kernel));
    int height = x.size(2) + 2 * padding[0];
    int width = x.size(3) + 2 * padding[1];
    int tall = dilation[0] * (kernel[0] - 1) + 1;
    int wide = dilation[1] * (kernel[1] - 1) + 1;
    if (height < tall || width < wide)
      throw wrong(
          op,
          "Calculated padded input size per channel: (%d x %d). Kernel size: (%d x %d). Kernel size can't be greater than actual input size"
              .formatted(height, width, tall, wide));
  }

  static void bias(String op, Tensor w, int outputs, Tensor bias) {
    if (bias != null && (bias.dim() != 1 || bias.numel() != outputs))
      throw wrong(
          op,
          "Given weight of size %s, expected bias to be 1-dimensional with %d elements, but got bias of size %s instead"
              .formatted(Arrays.toString(w.shape()), outputs, Arrays.toString(bias.shape())));
  }

  private static IllegalArgumentException wrong(String op, String text) {
    return new IllegalArgumentException(op + ": " + text);
  }
}
