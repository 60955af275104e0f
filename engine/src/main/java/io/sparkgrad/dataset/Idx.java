package io.sparkgrad.dataset;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A file in MNIST's format: two zeros, the type of the numbers (8: unsigned bytes, the only one
 * read here), the count of dimensions, each size as a big-endian int, and the numbers.
 *
 * @param shape sizes, outermost first
 * @param file all of it
 * @param start where in it the numbers begin
 */
public record Idx(int[] shape, byte[] file, int start) {
  private static final int UNSIGNED_BYTES = 8;

  public Idx {
    if (Shape.numel(shape) != file.length - start)
      throw new IllegalArgumentException(
          "%d bytes are not of shape %s".formatted(file.length - start, Arrays.toString(shape)));
  }

  /** As {@link #parse}, of a file that is not zipped. */
  public static Idx read(Path path) throws IOException {
    return parse(path.getFileName().toString(), Files.readAllBytes(path));
  }

  /**
   * Reads a file's bytes.
   *
   * @param name the file's, for the errors
   * @throws IllegalArgumentException if they are not a sound IDX file of unsigned bytes
   */
  public static Idx parse(String name, byte[] file) {
    ByteBuffer in = ByteBuffer.wrap(file);
    if (file.length < 4 || in.getShort() != 0 || in.get() != UNSIGNED_BYTES)
      throw new IllegalArgumentException(name + " is not an IDX file of unsigned bytes");
    int[] shape = new int[in.get() & 0xff];
    int start = in.position() + shape.length * Integer.BYTES;
    if (file.length < start)
      throw new IllegalArgumentException(name + " ends inside its header of " + start + " bytes");
    long numbers = 1;
    for (int d = 0; d < shape.length; d++) {
      shape[d] = in.getInt();
      if (shape[d] < 0)
        throw new IllegalArgumentException(name + " has the size " + shape[d] + " in its header");
      numbers = Math.min(Integer.MAX_VALUE, numbers) * shape[d];
    }
    if (file.length - start != numbers)
      throw new IllegalArgumentException(
          name
              + " of shape "
              + Arrays.toString(shape)
              + " needs "
              + numbers
              + " bytes after its header, it has "
              + (file.length - start));
    return new Idx(shape, file, start);
  }

  /** Entries of the first dimension. */
  public int rows() {
    return shape[0];
  }

  /** The first {@code n} entries. */
  public Idx first(int n) {
    if (n < 0 || n > rows())
      throw new IllegalArgumentException("the first " + n + " of " + rows() + " entries");
    int[] fewer = shape.clone();
    fewer[0] = n;
    return new Idx(fewer, Arrays.copyOf(file, start + n * width()), start);
  }

  /** Bytes of an entry. */
  public int width() {
    return rows() == 0 ? 0 : (file.length - start) / rows();
  }

  /** The bytes of entries {@code from} to {@code to - 1}. */
  public byte[] rows(int from, int to) {
    return Arrays.copyOfRange(file, start + from * width(), start + to * width());
  }

  /** All of it, as uint8 numbers of that shape. */
  public Tensor tensor() {
    return Tensor.of(DType.UINT8, Arrays.copyOfRange(file, start, file.length), shape);
  }
}
