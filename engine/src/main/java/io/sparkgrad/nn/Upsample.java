package io.sparkgrad.nn;

import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;

/**
 * Images [n, channels, height, width], or of one dimension fewer or more, resized: PyTorch's
 * nn.Upsample.
 */
public class Upsample extends Module {
  private static final long serialVersionUID = 1;

  private final int[] size; // null by a factor
  private final double scaleFactor;
  private final String mode;
  private final boolean alignCorners;

  /** By a factor, to the nearest pixel. */
  public Upsample(double scaleFactor) {
    this(scaleFactor, "nearest", false);
  }

  /**
   * @param mode nearest, linear, bilinear or trilinear, as {@link Tensor#interpolate(int[], String,
   *     boolean)} has them
   */
  public Upsample(double scaleFactor, String mode, boolean alignCorners) {
    this(null, scaleFactor, mode, alignCorners);
  }

  /** As {@link #Upsample(double, String, boolean)}, to a size. */
  public Upsample(int[] size, String mode, boolean alignCorners) {
    this(size.clone(), 0, mode, alignCorners);
  }

  private Upsample(int[] size, double scaleFactor, String mode, boolean alignCorners) {
    this.size = size;
    this.scaleFactor = scaleFactor;
    this.mode = mode;
    this.alignCorners = alignCorners;
  }

  @Override
  public Tensor forward(Tensor x) {
    return size == null
        ? x.interpolate(scaleFactor, mode, alignCorners)
        : x.interpolate(size, mode, alignCorners);
  }

  @Override
  protected String describe() {
    String to =
        size == null ? "scale_factor=" + Repr.of(scaleFactor) : "size=" + MaxPool2d.text(size);
    return to + ", mode=" + mode;
  }
}
