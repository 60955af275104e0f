package io.sparkgrad.dataset;

import io.sparkgrad.Tensor;
import io.sparkgrad.random.Generator;
import java.util.Arrays;

/**
 * Transforms of images, named as torchvision's; those by chance draw the same numbers from a
 * generator of the same seed.
 *
 * <pre>{@code
 * Transform train = Transforms.randomCrop(32, 4)
 *     .then(Transforms.randomHorizontalFlip(0.5))
 *     .then(Transforms.normalize(new double[] {0.485, 0.456, 0.406}, new double[] {0.229, 0.224, 0.225}));
 * Tensor image = train.apply(cifar.image(0), new Generator(7));
 * }</pre>
 */
public final class Transforms {
  private Transforms() {}

  /**
   * {@code (image - mean) / std} of each channel.
   *
   * @throws IllegalArgumentException unless there are as many of both, and no deviation is 0
   */
  public static Transform normalize(double[] mean, double[] std) {
    if (mean.length != std.length || Arrays.stream(std).anyMatch(s -> !(s > 0)))
      throw new IllegalArgumentException(
          "normalize: as many means as deviations above 0, got %s and %s"
              .formatted(Arrays.toString(mean), Arrays.toString(std)));
    float[] means = floats(mean);
    float[] deviations = floats(std);
    return (image, random) -> {
      checkImage("normalize", image);
      if (image.shape()[0] != means.length)
        throw new IllegalArgumentException(
            "normalize: %d means, but an image of %d channels"
                .formatted(means.length, image.shape()[0]));
      return image
          .sub(Tensor.of(means, means.length, 1, 1))
          .div(Tensor.of(deviations, means.length, 1, 1));
    };
  }

  /**
   * A square of the image at a place by chance.
   *
   * @param size its side, in pixels
   * @param padding zeros on each side of the image before
   */
  public static Transform randomCrop(int size, int padding) {
    checkAtLeast("randomCrop: the size", size, 1);
    checkAtLeast("randomCrop: the padding", padding, 0);
    return (image, random) -> {
      checkImage("randomCrop", image);
      int height = image.shape()[1] + 2 * padding;
      int width = image.shape()[2] + 2 * padding;
      if (size > height || size > width)
        throw new IllegalArgumentException(
            "randomCrop: a square of %d out of %d x %d pixels: resize first"
                .formatted(size, height, width));
      if (size == height && size == width) return crop(image, -padding, -padding, size, size);
      int top = draw(random, height - size + 1);
      int left = draw(random, width - size + 1);
      return crop(image, top - padding, left - padding, size, size);
    };
  }

  /** The square in the middle, as torchvision rounds it; zeros where the image is smaller. */
  public static Transform centerCrop(int size) {
    checkAtLeast("centerCrop: the size", size, 1);
    return (image, random) -> {
      checkImage("centerCrop", image);
      int top = (int) Math.rint((image.shape()[1] - size) / 2.0);
      int left = (int) Math.rint((image.shape()[2] - size) / 2.0);
      return crop(image, top, left, size, size);
    };
  }

  /** Left for right, with probability {@code p}. */
  public static Transform randomHorizontalFlip(double p) {
    if (!(p >= 0 && p <= 1))
      throw new IllegalArgumentException(
          "randomHorizontalFlip: a probability is from 0 to 1, got " + p);
    return (image, random) -> {
      checkImage("randomHorizontalFlip", image);
      return random.nextFloat() < p ? image.flip(2) : image;
    };
  }

  /**
   * Another size, by straight lines between pixels; a smaller image is averaged, as PyTorch's
   * bilinear interpolation with antialias.
   */
  public static Transform resize(int height, int width) {
    checkAtLeast("resize: the height", height, 1);
    checkAtLeast("resize: the width", width, 1);
    return (image, random) -> {
      checkImage("resize", image);
      return Resize.resized(image, height, width);
    };
  }

  /** As {@link #resize(int, int)}: the shorter side gets the size, the other its proportion. */
  public static Transform resize(int size) {
    checkAtLeast("resize: the size", size, 1);
    return (image, random) -> {
      checkImage("resize", image);
      int height = image.shape()[1];
      int width = image.shape()[2];
      return height < width
          ? Resize.resized(image, size, (int) ((long) size * width / height))
          : Resize.resized(image, (int) ((long) size * height / width), size);
    };
  }

  /* As torch.randint(0, end, (1,)). */
  private static int draw(Generator random, int end) {
    long[] drawn = new long[1];
    random.fillInts(drawn, 0, 1, 0, end);
    return (int) drawn[0];
  }

  /** A part of the image, zeros where there is none. */
  private static Tensor crop(Tensor image, int top, int left, int height, int width) {
    int channels = image.shape()[0];
    int rows = image.shape()[1];
    int columns = image.shape()[2];
    float[] from = image.toFloats();
    float[] to = new float[channels * height * width];
    int first = Math.max(0, -left);
    int n = Math.min(width, columns - left) - first;
    for (int c = 0; c < channels && n > 0; c++)
      for (int y = Math.max(0, -top); y < Math.min(height, rows - top); y++)
        System.arraycopy(
            from,
            (c * rows + top + y) * columns + left + first,
            to,
            (c * height + y) * width + first,
            n);
    return Tensor.of(to, channels, height, width);
  }

  private static void checkImage(String transform, Tensor image) {
    if (image.dim() != 3 || !image.dtype().isFloatingPoint() || image.numel() == 0)
      throw new IllegalArgumentException(
          "%s: an image is a tensor [channels, height, width] of floating numbers, got %s of shape %s"
              .formatted(transform, image.dtype(), Arrays.toString(image.shape())));
  }

  private static void checkAtLeast(String what, int n, int least) {
    if (n < least)
      throw new IllegalArgumentException(
          "%s must be at least %d, got %d".formatted(what, least, n));
  }

  private static float[] floats(double[] numbers) {
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) floats[i] = (float) numbers[i];
    return floats;
  }
}
