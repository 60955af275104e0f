package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.Require;
import java.util.Arrays;

/** What poolings are given, with PyTorch's errors. */
final class PoolingCheck {
  private PoolingCheck() {}

  /** A setting for each of two dimensions. */
  static int[] pair(String op, String setting, int... values) {
    if (values.length == 2) return values;
    if (values.length == 1) return new int[] {values[0], values[0]};
    throw new IllegalArgumentException(
        "%s: %s must either be a single int, or a tuple of two ints, got %s"
            .formatted(op, setting, Arrays.toString(values)));
  }

  static void settings(String op, int[] kernel, int[] stride, int[] padding, int[] dilation) {
    for (int d = 0; d < 2; d++) {
      if (kernel[d] <= 0)
        throw wrong(op, "kernel size should be greater than zero, but got " + kernel[d]);
      if (stride[d] <= 0) throw wrong(op, "stride should not be zero, but got " + stride[d]);
      if (dilation[d] <= 0)
        throw wrong(op, "dilation should be greater than zero, but got " + dilation[d]);
      if (padding[d] < 0) throw wrong(op, "pad must be non-negative, but got pad: " + padding[d]);
      if (padding[d] > kernel[d] / 2)
        throw wrong(
            op,
            "pad should be at most half of kernel size, but got pad=%d and kernel_size=%d"
                .formatted(padding[d], kernel[d]));
    }
  }

  /** Planes [(n,) channels, height, width], of which only n may be 0. */
  static void input(String op, Tensor x) {
    boolean ranks = x.dim() == 3 || x.dim() == 4;
    for (int d = 1; d < x.dim(); d++) ranks &= x.size(d) > 0;
    if (!ranks || x.dim() == 3 && x.size(0) == 0)
      throw wrong(
          op,
          "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:"
              + Arrays.toString(x.shape()));
    Require.floats(op, x);
  }

  static void result(String op, Tensor x, Windows... windows) {
    if (windows[0].outputs() > 0 && windows[1].outputs() > 0) return;
    int channels = x.size(-3);
    throw wrong(
        op,
        "Given input size: (%dx%dx%d). Calculated output size: (%dx%dx%d). Output size is too small"
            .formatted(
                channels,
                x.size(-2),
                x.size(-1),
                channels,
                windows[0].outputs(),
                windows[1].outputs()));
  }

  private static IllegalArgumentException wrong(String op, String text) {
    return new IllegalArgumentException(op + ": " + text);
  }
}
