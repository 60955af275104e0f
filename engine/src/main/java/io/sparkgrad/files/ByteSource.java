package io.sparkgrad.files;

import io.sparkgrad.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Bytes of a file, one after the other, of which it is known how many are left: what a file
 * announces is held against that before memory is taken. Its errors name the file. Not thread-safe.
 */
final class ByteSource {
  private final String file;
  private final InputStream in;
  private long left;

  /**
   * @param in buffered
   * @param left how many bytes it has
   */
  ByteSource(String file, InputStream in, long left) {
    this.file = file;
    this.in = in;
    this.left = left;
  }

  int next() throws IOException {
    int b = in.read();
    if (b < 0 || left-- <= 0) throw ended(1, 0);
    return b;
  }

  byte[] take(long n) throws IOException {
    if (n < 0 || n > left) throw ended(n, left);
    byte[] bytes = in.readNBytes(Math.toIntExact(n));
    if (bytes.length < n) throw ended(n, bytes.length);
    left -= n;
    return bytes;
  }

  /** The next bytes as a little-endian number. */
  ByteBuffer number(int bytes) throws IOException {
    return ByteBuffer.wrap(take(bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Fills a tensor. */
  void read(Tensor numbers) throws IOException {
    long bytes = (long) numbers.numel() * numbers.dtype().bytes();
    if (bytes > left) throw ended(bytes, left);
    long read = Numbers.read(in, numbers.storage(), 0, numbers.numel());
    if (read < bytes) throw ended(bytes, read);
    left -= bytes;
  }

  long left() {
    return left;
  }

  private IOException ended(long wanted, long had) {
    return error(
        "it ends where %s bytes should come, after %d of them"
            .formatted(Long.toUnsignedString(wanted), had));
  }

  IOException error(String what) {
    return new IOException(file + ": " + what);
  }
}
