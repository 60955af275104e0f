package io.sparkgrad.dataset;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Images as tensors: float32 {@code [3, height, width]}, red, green and blue from 0 to 1. */
public final class Images {
  private static final int MAX_PIXELS = 1 << 26; // 800 MB of floats; a small file may say more

  private Images() {}

  /**
   * Reads a PNG, JPEG, GIF (its first frame) or BMP file. Grey becomes three equal channels,
   * transparency is left out, the orientation that a camera notes is not looked at.
   *
   * @throws IOException if it is none of these, or damaged; the text says what
   */
  public static Tensor read(Path file) throws IOException {
    return decode(file.toString(), Files.readAllBytes(file));
  }

  /** As {@link #read}, of a file's bytes. */
  public static Tensor decode(byte[] encoded) throws IOException {
    return decode("image", encoded);
  }

  /**
   * As {@link #read}, of a file's bytes.
   *
   * @param name what the errors start with
   */
  public static Tensor decode(String name, byte[] encoded) throws IOException {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext())
        throw new IOException(
            "it is neither PNG nor JPEG, GIF or BMP; it has %d bytes".formatted(encoded.length));
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        if ((long) width * height > MAX_PIXELS)
          throw new IOException(
              "%d x %d pixels are more than %d".formatted(width, height, MAX_PIXELS));
        return tensor(reader.read(0));
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) { // readers throw what they like at damaged files
      throw new IOException("%s: no image that can be read: %s".formatted(name, e.getMessage()), e);
    }
  }

  /** An image as a tensor. */
  public static Tensor tensor(BufferedImage image) {
    int width = image.getWidth();
    int n = width * image.getHeight();
    float[] numbers = new float[3 * n];
    if (isGrey(image)) grey(image, numbers, n);
    else colours(image, numbers, n);
    return Tensor.of(numbers, 3, image.getHeight(), width);
  }

  private static boolean isGrey(BufferedImage image) {
    return image.getRaster().getNumBands() < 3
        && !(image.getColorModel() instanceof IndexColorModel);
  }

  /* As the file has it: getRGB takes it for linear light, and makes 188 of 128. */
  private static void grey(BufferedImage image, float[] numbers, int n) {
    int[] samples =
        image.getRaster().getSamples(0, 0, image.getWidth(), image.getHeight(), 0, (int[]) null);
    float white = (1 << image.getColorModel().getComponentSize(0)) - 1;
    for (int i = 0; i < n; i++)
      numbers[i] = numbers[n + i] = numbers[2 * n + i] = samples[i] / white;
  }

  private static void colours(BufferedImage image, float[] numbers, int n) {
    int[] rgb = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    for (int i = 0; i < n; i++) {
      numbers[i] = (rgb[i] >> 16 & 0xff) / 255f;
      numbers[n + i] = (rgb[i] >> 8 & 0xff) / 255f;
      numbers[2 * n + i] = (rgb[i] & 0xff) / 255f;
    }
  }

  /** Bytes from 0 to 255, one after the other from {@code from} on, as numbers from 0 to 1. */
  static Tensor ofBytes(byte[] bytes, int from, int... shape) {
    float[] numbers = new float[Shape.numel(shape)];
    for (int i = 0; i < numbers.length; i++) numbers[i] = (bytes[from + i] & 0xff) / 255f;
    return Tensor.of(numbers, shape);
  }
}
