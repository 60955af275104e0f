package io.sparkgrad.dataset;

import io.sparkgrad.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Images of CIFAR's binary files: a row is a label (of CIFAR-100 two bytes, the second of which
 * counts), then 32 x 32 red bytes, as many green and blue ones.
 */
public final class Cifar {
  private static final int SIDE = 32;
  private static final int IMAGE_BYTES = 3 * SIDE * SIDE;

  private final byte[] rows;
  private final int labelBytes;

  private Cifar(String file, byte[] rows, int labelBytes) {
    if (rows.length % (labelBytes + IMAGE_BYTES) != 0)
      throw new IllegalArgumentException(
          "%s has %d bytes: CIFAR-%s has %d an image"
              .formatted(
                  file, rows.length, labelBytes == 1 ? "10" : "100", labelBytes + IMAGE_BYTES));
    this.rows = rows;
    this.labelBytes = labelBytes;
  }

  /** A file of CIFAR-10: labels 0 to 9. */
  public static Cifar read10(Path file) throws IOException {
    return new Cifar(file.toString(), Files.readAllBytes(file), 1);
  }

  /** A file of CIFAR-100: labels 0 to 99, the fine ones. */
  public static Cifar read100(Path file) throws IOException {
    return new Cifar(file.toString(), Files.readAllBytes(file), 2);
  }

  public int count() {
    return rows.length / (labelBytes + IMAGE_BYTES);
  }

  public int label(int i) {
    return rows[start(i) + labelBytes - 1] & 0xff;
  }

  /** float32 {@code [3, 32, 32]}, from 0 to 1. */
  public Tensor image(int i) {
    return Images.ofBytes(rows, start(i) + labelBytes, 3, SIDE, SIDE);
  }

  private int start(int i) {
    if (i < 0 || i >= count())
      throw new IndexOutOfBoundsException("image %d of %d".formatted(i, count()));
    return i * (labelBytes + IMAGE_BYTES);
  }
}
