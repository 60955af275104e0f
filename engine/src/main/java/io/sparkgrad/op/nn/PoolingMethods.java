package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.Require;
import io.sparkgrad.op.reduce.ReduceMethods.MaxResult;
import java.util.Arrays;

/**
 * A tensor's methods that make images [(n,) channels, height, width] or sequences [(n,) channels,
 * length] smaller or larger. Settings are one number for all dimensions, or one each, as
 * torch.nn.functional's.
 */
public interface PoolingMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  /** As {@link #maxPool2d(int[], int[], int[], int[], boolean)}, of windows side by side. */
  default Tensor maxPool2d(int kernelSize) {
    return maxPool2d(kernelSize, kernelSize, 0);
  }

  /** As {@link #maxPool2d(int[], int[], int[], int[], boolean)}, rounded down. */
  default Tensor maxPool2d(int kernelSize, int stride, int padding) {
    return maxPool2d(
        new int[] {kernelSize}, new int[] {stride}, new int[] {padding}, new int[] {1}, false);
  }

  /**
   * The largest pixel of each window.
   *
   * @param stride pixels from a window to the next
   * @param padding pixels on both sides that count as less than all
   * @param dilation pixels from one that a window sees to the next
   * @param ceilMode whether a last window may reach beyond the image
   */
  default Tensor maxPool2d(
      int[] kernelSize, int[] stride, int[] padding, int[] dilation, boolean ceilMode) {
    return maxPool("maxPool2d", kernelSize, stride, padding, dilation, ceilMode)[0];
  }

  /**
   * As {@link #maxPool2d(int[], int[], int[], int[], boolean)}, with the place of each in its
   * plane: row · width + column.
   */
  default MaxResult maxPool2dWithIndices(
      int[] kernelSize, int[] stride, int[] padding, int[] dilation, boolean ceilMode) {
    Tensor[] both =
        maxPool("maxPool2dWithIndices", kernelSize, stride, padding, dilation, ceilMode);
    return new MaxResult(both[0], both[1]);
  }

  private Tensor[] maxPool(
      String name,
      int[] kernelSize,
      int[] stride,
      int[] padding,
      int[] dilation,
      boolean ceilMode) {
    MaxPool2d op =
        new MaxPool2d(
            PoolingCheck.pair(name, "kernel_size", kernelSize),
            PoolingCheck.pair(name, "stride", stride),
            PoolingCheck.pair(name, "padding", padding),
            PoolingCheck.pair(name, "dilation", dilation),
            ceilMode);
    return Ops.callAll(op, self());
  }

  /** As {@link #maxPool2d(int[], int[], int[], int[], boolean)}, of sequences. */
  default Tensor maxPool1d(
      int kernelSize, int stride, int padding, int dilation, boolean ceilMode) {
    return Composite.named(
        "maxPool1d",
        () ->
            self()
                .unsqueeze(-2)
                .maxPool2d(
                    new int[] {1, kernelSize},
                    new int[] {1, stride},
                    new int[] {0, padding},
                    new int[] {1, dilation},
                    ceilMode)
                .squeeze(-2));
  }

  /** As {@link #avgPool2d(int[], int[], int[], boolean, boolean)}, of windows side by side. */
  default Tensor avgPool2d(int kernelSize) {
    return avgPool2d(kernelSize, kernelSize, 0);
  }

  /** As {@link #avgPool2d(int[], int[], int[], boolean, boolean)}, rounded down. */
  default Tensor avgPool2d(int kernelSize, int stride, int padding) {
    return avgPool2d(new int[] {kernelSize}, new int[] {stride}, new int[] {padding}, false, true);
  }

  /**
   * The mean of each window.
   *
   * @param padding zeros on both sides
   * @param ceilMode whether a last window may reach beyond the image
   * @param countIncludePad whether the zeros count
   */
  default Tensor avgPool2d(
      int[] kernelSize, int[] stride, int[] padding, boolean ceilMode, boolean countIncludePad) {
    Windows[] windows = averaged("avgPool2d", kernelSize, stride, padding, ceilMode);
    return resampled(
        "avgPool2d",
        "AvgPool2DBackward0",
        windows[0].averages(self().size(-2), countIncludePad),
        windows[1].averages(self().size(-1), countIncludePad));
  }

  /** As {@link #avgPool2d(int[], int[], int[], boolean, boolean)}: sums over a divisor. */
  default Tensor avgPool2d(
      int[] kernelSize, int[] stride, int[] padding, boolean ceilMode, int divisorOverride) {
    if (divisorOverride == 0)
      throw new IllegalArgumentException("avgPool2d: divisor must be not zero");
    Windows[] windows = averaged("avgPool2d", kernelSize, stride, padding, ceilMode);
    return resampled(
        "avgPool2d",
        "AvgPool2DBackward0",
        windows[0].sums(self().size(-2), 1.0 / divisorOverride),
        windows[1].sums(self().size(-1), 1));
  }

  private Windows[] averaged(
      String name, int[] kernelSize, int[] stride, int[] padding, boolean ceilMode) {
    int[] kernel = PoolingCheck.pair(name, "kernel_size", kernelSize);
    int[] steps = PoolingCheck.pair(name, "stride", stride);
    int[] pad = PoolingCheck.pair(name, "padding", padding);
    PoolingCheck.settings(name, kernel, steps, pad, new int[] {1, 1});
    PoolingCheck.input(name, self());
    Windows[] windows = new Windows[2];
    for (int d = 0; d < 2; d++)
      windows[d] = Windows.sliding(self().size(d - 2), kernel[d], steps[d], pad[d], 1, ceilMode);
    PoolingCheck.result(name, self(), windows);
    return windows;
  }

  /* The last dimensions, the last one last. */
  private Tensor resampled(String name, String node, Bands... bands) {
    Tensor x = self();
    return Composite.of(
        name,
        node,
        () -> {
          Tensor y = x;
          for (int k = bands.length; k-- > 0; )
            y = Ops.call(new Resample(k - bands.length, bands[k]), y);
          return y;
        },
        x);
  }

  /** As {@link #avgPool2d(int[], int[], int[], boolean, boolean)}, of sequences. */
  default Tensor avgPool1d(
      int kernelSize, int stride, int padding, boolean ceilMode, boolean countIncludePad) {
    return Composite.named(
        "avgPool1d",
        () ->
            self()
                .unsqueeze(-2)
                .avgPool2d(
                    new int[] {1, kernelSize},
                    new int[] {1, stride},
                    new int[] {0, padding},
                    ceilMode,
                    countIncludePad)
                .squeeze(-2));
  }

  /** The means of as many windows as the output has pixels, as even as they can be. */
  default Tensor adaptiveAvgPool2d(int... outputSize) {
    String name = "adaptiveAvgPool2d";
    int[] out = PoolingCheck.pair(name, "output_size", outputSize);
    Tensor x = self();
    if (Arrays.stream(out).anyMatch(n -> n < 0))
      throw new IllegalArgumentException(
          "%s: elements of output_size must be greater than or equal to 0 but received %s"
              .formatted(name, Arrays.toString(out)));
    if (x.dim() != 3 && x.dim() != 4)
      throw new IllegalArgumentException(
          "%s: Expected 3D or 4D tensor, but got %s".formatted(name, Arrays.toString(x.shape())));
    for (int d = x.dim() - 2; d < x.dim(); d++)
      if (x.size(d) == 0)
        throw new IllegalArgumentException(
            "%s: Expected input to have non-zero size for non-batch dimensions, but input has sizes %s"
                .formatted(name, Arrays.toString(x.shape())));
    Require.floats(name, x);
    if (out[0] == 1 && out[1] == 1) return x.mean(new int[] {-2, -1}, true);
    return resampled(
        name,
        "AdaptiveAvgPool2DBackward0",
        Windows.adaptive(x.size(-2), out[0]).averages(x.size(-2), false),
        Windows.adaptive(x.size(-1), out[1]).averages(x.size(-1), false));
  }

  /** As {@link #interpolate(int[], String, boolean)}, corners not aligned. */
  default Tensor interpolate(int[] size, String mode) {
    return interpolate(size, mode, false);
  }

  /**
   * Resized over the dimensions behind the channels.
   *
   * @param mode nearest; or linear for [n, channels, length], bilinear for [n, channels, height,
   *     width], trilinear for one dimension more
   * @param alignCorners whether the corner pixels' middles stay the corners', not their edges
   */
  default Tensor interpolate(int[] size, String mode, boolean alignCorners) {
    return Interpolation.to(self(), size, mode, alignCorners).apply(self());
  }

  /** As {@link #interpolate(double, String, boolean)}, corners not aligned. */
  default Tensor interpolate(double scaleFactor, String mode) {
    return interpolate(scaleFactor, mode, false);
  }

  /** As {@link #interpolate(int[], String, boolean)}, by a factor, sizes rounded down. */
  default Tensor interpolate(double scaleFactor, String mode, boolean alignCorners) {
    return Interpolation.by(self(), scaleFactor, mode, alignCorners).apply(self());
  }
}
