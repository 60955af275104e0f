package io.sparkgrad.cluster.ingest;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamField;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Features {@code [rows, width]} in float32, in one of three forms, whose bits come back as they
 * were: plain, row-major; of at most 256 different numbers (pixels, flags, small counts) a byte
 * each, and a table of the numbers; of few numbers that are not 0 these and their places.
 * Thread-safe as long as nobody writes to the arrays.
 */
abstract class FeatureBlock implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final int CODES = 256;
  private static final int PACKED_LEAST = 1_024; // numbers: below, the table would be most of it
  private static final int SLOTS = 1_024; // of the hash table that finds codes; a power of two

  /* Not a record: Kryo 4, which Spark up to 4.0 may be set to use, cannot fill one. */
  final int rows;
  final int width;

  private FeatureBlock(int rows, int width) {
    this.rows = rows;
    this.width = width;
  }

  /** Of row-major numbers, which it keeps. */
  static FeatureBlock of(float[] numbers, int width) {
    if (numbers.length % width > 0)
      throw new IllegalArgumentException(
          "block: %s features in rows of %s".formatted(numbers.length, width));
    return new Plain(numbers, width);
  }

  /** Copies {@code n} rows from {@code row} on. */
  abstract void copy(int row, int n, float[] to, int at);

  /** Copies {@code n} rows: {@code from} and each {@code step}-th behind it. */
  abstract FeatureBlock every(int from, int step, int n);

  /** Row-major; not to be written to. */
  float[] all() {
    float[] all = new float[rows * width];
    copy(0, rows, all, 0);
    return all;
  }

  /** The count of numbers that memory holds. */
  long held() {
    return (long) rows * width;
  }

  /** The same in less memory, if there is a form for it. */
  FeatureBlock packed() {
    return this;
  }

  boolean isPlain() {
    return false;
  }

  /** Row-major. */
  private static final class Plain extends FeatureBlock {
    private static final long serialVersionUID = 1L;
    private static final int PIECE = 1 << 14; // numbers written at once

    /* What Java writes by itself. It would write the numbers too, but one by one, in more time than anything else of a
     * shuffle took; Kryo goes by the field below. */
    private static final ObjectStreamField[] serialPersistentFields = {};

    private float[] numbers; // not final for readObject

    Plain(float[] numbers, int width) {
      super(numbers.length / width, width);
      this.numbers = numbers;
    }

    @Override
    void copy(int row, int n, float[] to, int at) {
      System.arraycopy(numbers, row * width, to, at, n * width);
    }

    @Override
    FeatureBlock every(int from, int step, int n) {
      float[] some = new float[n * width];
      for (int i = 0; i < n; i++) copy(from + i * step, 1, some, i * width);
      return new Plain(some, width);
    }

    @Override
    float[] all() {
      return numbers;
    }

    @Override
    FeatureBlock packed() {
      if (numbers.length < PACKED_LEAST) return this;
      int filled = 0;
      for (float f : numbers) if (Float.floatToRawIntBits(f) != 0) filled++;
      if (Sparse.bytes(rows, filled) <= numbers.length / 2) return Sparse.of(this, filled);
      FeatureBlock coded = Coded.of(this);
      return coded == null ? this : coded;
    }

    @Override
    boolean isPlain() {
      return true;
    }

    private void writeObject(ObjectOutputStream out) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(PIECE * Float.BYTES);
      for (int at = 0; at < numbers.length; at += PIECE) {
        int n = Math.min(PIECE, numbers.length - at);
        bytes.asFloatBuffer().put(numbers, at, n);
        out.write(bytes.array(), 0, n * Float.BYTES);
      }
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      numbers = new float[rows * width];
      ByteBuffer bytes = ByteBuffer.allocate(PIECE * Float.BYTES);
      for (int at = 0; at < numbers.length; at += PIECE) {
        int n = Math.min(PIECE, numbers.length - at);
        in.readFully(bytes.array(), 0, n * Float.BYTES);
        bytes.asFloatBuffer().get(numbers, at, n);
      }
    }
  }

  /** A byte each, unsigned: the place in a table. */
  private static final class Coded extends FeatureBlock {
    private static final long serialVersionUID = 1L;
    private final byte[] codes; // [rows, width]
    private final float[] table;

    private Coded(byte[] codes, float[] table, int width) {
      super(codes.length / width, width);
      this.codes = codes;
      this.table = table;
    }

    /** Null if there are more different numbers than a byte tells apart. */
    static Coded of(Plain plain) {
      float[] numbers = plain.numbers;
      byte[] found = new byte[numbers.length];
      float[] different = new float[CODES];
      int n = 0;
      int[] keys = new int[SLOTS];
      short[] codeOf = new short[SLOTS]; // plus 1; 0: the slot is free
      for (int i = 0; i < found.length; i++) {
        int bits = Float.floatToRawIntBits(numbers[i]);
        int slot = (bits * 0x9E3779B9) >>> 22; // 2^32 / golden ratio; ten bits
        while (codeOf[slot] != 0 && keys[slot] != bits) slot = (slot + 1) & (SLOTS - 1);
        if (codeOf[slot] == 0) {
          if (n == CODES) return null;
          keys[slot] = bits;
          different[n++] = numbers[i];
          codeOf[slot] = (short) n;
        }
        found[i] = (byte) (codeOf[slot] - 1);
      }
      return new Coded(found, Arrays.copyOf(different, n), plain.width);
    }

    @Override
    void copy(int row, int n, float[] to, int at) {
      for (int i = 0, from = row * width; i < n * width; i++)
        to[at + i] = table[codes[from + i] & 0xff];
    }

    @Override
    FeatureBlock every(int from, int step, int n) {
      if (n * width >= PACKED_LEAST) {
        byte[] some = new byte[n * width];
        for (int i = 0; i < n; i++)
          System.arraycopy(codes, (from + i * step) * width, some, i * width, width);
        return new Coded(some, table, width);
      }
      float[] some = new float[n * width];
      for (int i = 0; i < n; i++) copy(from + i * step, 1, some, i * width);
      return new Plain(some, width);
    }
  }

  /** The numbers whose bits are not 0, row after row, and their places in the row. */
  private static final class Sparse extends FeatureBlock {
    private static final long serialVersionUID = 1L;
    private final int[] ends; // [rows], of each row's numbers
    private final int[] places;
    private final float[] numbers;

    private Sparse(int[] ends, int[] places, float[] numbers, int width) {
      super(ends.length, width);
      this.ends = ends;
      this.places = places;
      this.numbers = numbers;
    }

    static long bytes(int rows, int filled) {
      return 4L * rows + 8L * filled;
    }

    static Sparse of(Plain plain, int filled) {
      int[] ends = new int[plain.rows];
      int[] places = new int[filled];
      float[] numbers = new float[filled];
      int n = 0;
      for (int r = 0; r < ends.length; r++) {
        for (int c = 0, from = r * plain.width; c < plain.width; c++) {
          if (Float.floatToRawIntBits(plain.numbers[from + c]) == 0) continue;
          places[n] = c;
          numbers[n++] = plain.numbers[from + c];
        }
        ends[r] = n;
      }
      return new Sparse(ends, places, numbers, plain.width);
    }

    private int start(int row) {
      return row == 0 ? 0 : ends[row - 1];
    }

    @Override
    void copy(int row, int n, float[] to, int at) {
      Arrays.fill(to, at, at + n * width, 0f);
      for (int i = 0; i < n; i++)
        for (int k = start(row + i); k < ends[row + i]; k++)
          to[at + i * width + places[k]] = numbers[k];
    }

    @Override
    FeatureBlock every(int from, int step, int n) {
      int[] some = new int[n];
      int all = 0;
      for (int i = 0, row = from; i < n; i++, row += step) some[i] = all += ends[row] - start(row);
      int[] placesOf = new int[all];
      float[] numbersOf = new float[all];
      for (int i = 0, row = from, at = 0; i < n; at = some[i], i++, row += step) {
        System.arraycopy(places, start(row), placesOf, at, some[i] - at);
        System.arraycopy(numbers, start(row), numbersOf, at, some[i] - at);
      }
      return new Sparse(some, placesOf, numbersOf, width);
    }

    @Override
    long held() {
      return ends.length + 2L * numbers.length;
    }
  }

  /** The classes, for Kryo's registration. */
  static Class<?>[] forms() {
    return new Class<?>[] {Plain.class, Coded.class, Sparse.class};
  }
}
