package io.sparkgrad.examples;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** Reads POSIX tar archives, as far as plain files need it. */
final class Tar {
  private static final int BLOCK = 512;
  private static final int NAME = 100; // bytes, at 0
  private static final int SIZE = 124; // 12 octal digits
  private static final int TYPE = 156;

  private Tar() {}

  /**
   * Writes the wanted files into a folder, whatever folder they have in the archive; of two with
   * one name the last one stays.
   */
  static void extract(InputStream tar, Set<String> wanted, Path to) throws IOException {
    for (byte[] header; (header = header(tar)) != null; ) {
      String path = text(header, 0, NAME);
      String name = path.substring(path.lastIndexOf('/') + 1);
      long size = size(header);
      boolean plain = header[TYPE] == '0' || header[TYPE] == 0;
      if (plain && wanted.contains(name)) {
        try (OutputStream out = Files.newOutputStream(to.resolve(name))) {
          copy(tar, size, out);
        }
      } else {
        tar.skipNBytes(size);
      }
      tar.skipNBytes(-size & (BLOCK - 1));
    }
  }

  /** The next file's, or null at the end: a block of zeros, or nothing at all. */
  private static byte[] header(InputStream tar) throws IOException {
    byte[] block = tar.readNBytes(BLOCK);
    if (block.length == 0 || block.length == BLOCK && block[0] == 0) return null;
    if (block.length < BLOCK) throw new EOFException("the tar ends inside a header");
    return block;
  }

  private static long size(byte[] header) throws IOException {
    String octal = text(header, SIZE, 12).trim();
    try {
      return Long.parseUnsignedLong(octal, 8);
    } catch (NumberFormatException e) {
      throw new IOException("not a tar: a file's size reads '" + octal + "'", e);
    }
  }

  private static String text(byte[] block, int from, int length) {
    int end = from;
    while (end < from + length && block[end] != 0) end++;
    return new String(block, from, end - from, StandardCharsets.ISO_8859_1);
  }

  private static void copy(InputStream in, long size, OutputStream out) throws IOException {
    byte[] buffer = new byte[1 << 16];
    for (long left = size; left > 0; ) {
      int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (n < 0) throw new EOFException("the tar ends inside a file");
      out.write(buffer, 0, n);
      left -= n;
    }
  }
}
