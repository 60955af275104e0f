package io.sparkgrad.files;

import io.sparkgrad.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers of a storage as files have them: little-endian, without gaps. */
final class Numbers {
  static final int CHUNK_BYTES = 1 << 20; // 1 MiB

  private Numbers() {}

  /**
   * Reads the numbers from {@code at} to before {@code end}.
   *
   * @return the bytes that were there: fewer than asked for, where the stream ends before
   */
  static long read(InputStream in, Storage to, int at, int end) throws IOException {
    int size = to.dtype().bytes();
    byte[] chunk = chunk((long) (end - at) * size);
    long bytes = 0;
    for (int from = at; from < end; from += CHUNK_BYTES / size) {
      int n = Math.min(CHUNK_BYTES / size, end - from);
      int read = in.readNBytes(chunk, 0, n * size);
      bytes += read;
      if (read < n * size) return bytes;
      to.read(ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN), from, n);
    }
    return bytes;
  }

  /** Writes the numbers from {@code at} to before {@code end}, of a storage on the CPU. */
  static void write(Storage from, int at, int end, OutputStream out) throws IOException {
    int size = from.dtype().bytes();
    byte[] chunk = chunk((long) (end - at) * size);
    for (int start = at; start < end; start += CHUNK_BYTES / size) {
      int n = Math.min(CHUNK_BYTES / size, end - start);
      from.write(start, n, ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN));
      out.write(chunk, 0, n * size);
    }
  }

  private static byte[] chunk(long bytes) {
    return new byte[(int) Math.min(CHUNK_BYTES, bytes)];
  }
}
