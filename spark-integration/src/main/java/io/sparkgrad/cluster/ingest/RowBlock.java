package io.sparkgrad.cluster.ingest;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamField;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A block of rows: features {@code [rows, width]} in float32, row-major, and labels {@code [rows]}.
 * Features of at most 256 different numbers (pixels, flags, small counts) may be {@link #packed}: a
 * byte each, and a table of the numbers, whose bits come back as they were. Row {@code i} of the
 * block is row {@code firstRow + i * stride} of the data, or, where rows were shuffled, the one
 * that a list of row numbers gives.
 *
 * <p>Thread-safe as long as nobody writes to the arrays: a block of a persisted RDD is shared by
 * all tasks of its executor, so they are read only.
 */
public final class RowBlock implements Serializable {
  private static final long serialVersionUID = 1L;

  /* What Java writes by itself. It would write the features too, but number by number, in more time than anything else
   * of a shuffle took; Kryo goes by the fields below. */
  private static final ObjectStreamField[] serialPersistentFields = {
    new ObjectStreamField("firstRow", long.class),
    new ObjectStreamField("stride", int.class),
    new ObjectStreamField("width", int.class),
    new ObjectStreamField("codes", byte[].class),
    new ObjectStreamField("table", float[].class),
    new ObjectStreamField("labels", double[].class)
  };
  private static final int FULL_ROWS = 4096;
  /* Java's object streams hold on to what passed through until Spark resets them, after 100 objects, and Spark looks every
   * 32 objects whether a sort must spill: of data larger than memory, that many blocks are there beside all budgets.
   * 25 MiB so; with blocks of 4 MiB an executor of 512 MiB ran out of memory. */
  private static final int FULL_BYTES = 256 << 10; // 65,536 floats
  private static final int PIECE = 1 << 14; // floats
  private static final int CODES = 256;
  private static final int PACKED_LEAST = 1_024; // numbers: below, the table would be most of it
  private static final int SLOTS = 1_024; // of the hash table that finds codes; a power of two

  /* Not a record: Kryo 4, which Spark up to 4.0 may be set to use, cannot fill one. */
  private final long firstRow;
  private final int stride;
  private final int width;
  private float[] features; // [rows, width]; null: packed; not final for readObject
  private final byte[] codes; // [rows, width], unsigned, places in the table; null: not packed
  private final float[] table;
  private final double[] labels; // [rows]
  private final long[] numbers; // [rows]; null where firstRow and stride say it

  RowBlock(long[] numbers, int width, float[] features, double[] labels) {
    this(numbers.length == 0 ? 0 : numbers[0], 1, width, features, null, null, labels, numbers);
  }

  RowBlock(long firstRow, int stride, int width, float[] features, double[] labels) {
    this(firstRow, stride, width, features, null, null, labels, null);
  }

  private RowBlock(
      long firstRow,
      int stride,
      int width,
      float[] features,
      byte[] codes,
      float[] table,
      double[] labels,
      long[] numbers) {
    this.numbers = numbers;
    int length = codes == null ? features.length : codes.length;
    if (length != labels.length * width)
      throw new IllegalArgumentException(
          "block: %s features for %s rows of %s".formatted(length, labels.length, width));
    this.codes = codes;
    this.table = table;
    this.firstRow = firstRow;
    this.stride = stride;
    this.width = width;
    this.features = features;
    this.labels = labels;
  }

  /** Rows of a full block of so many numbers a row: at most 256 KiB of features, at least 1. */
  public static int fullRows(int width) {
    return Math.max(1, Math.min(FULL_ROWS, FULL_BYTES / Float.BYTES / Math.max(1, width)));
  }

  public int rows() {
    return labels.length;
  }

  /** Count of numbers a row. */
  public int width() {
    return width;
  }

  /** The number of row {@code i} of this block in the whole data, from 0. */
  public long row(int i) {
    return numbers == null ? firstRow + (long) i * stride : numbers[i];
  }

  /** Whether the rows come in another order than the data's. */
  boolean isShuffled() {
    return numbers != null;
  }

  /** The distance between the row numbers of neighbours, in a block in order. */
  public int stride() {
    return stride;
  }

  /** {@code [rows, width]}, row-major; not to be written to. */
  public float[] features() {
    if (codes == null) return features;
    float[] all = new float[codes.length];
    copyFeatures(0, rows(), all, 0);
    return all;
  }

  /** Copies the features of {@code n} rows from {@code row} on. */
  void copyFeatures(int row, int n, float[] to, int at) {
    if (codes == null) {
      System.arraycopy(features, row * width, to, at, n * width);
      return;
    }
    for (int i = 0, from = row * width; i < n * width; i++)
      to[at + i] = table[codes[from + i] & 0xff];
  }

  /** The same rows in a quarter of the memory, if their features have few different numbers. */
  RowBlock packed() {
    if (codes != null || features.length < PACKED_LEAST) return this;
    byte[] found = new byte[features.length];
    float[] different = new float[CODES];
    int n = 0;
    int[] keys = new int[SLOTS];
    short[] codeOf = new short[SLOTS]; // plus 1; 0: the slot is free
    for (int i = 0; i < found.length; i++) {
      int bits = Float.floatToRawIntBits(features[i]);
      int slot = (bits * 0x9E3779B9) >>> 22; // 2^32 / golden ratio; ten bits
      while (codeOf[slot] != 0 && keys[slot] != bits) slot = (slot + 1) & (SLOTS - 1);
      if (codeOf[slot] == 0) {
        if (n == CODES) return this;
        keys[slot] = bits;
        different[n++] = features[i];
        codeOf[slot] = (short) n;
      }
      found[i] = (byte) (codeOf[slot] - 1);
    }
    return new RowBlock(
        firstRow, stride, width, null, found, Arrays.copyOf(different, n), labels, numbers);
  }

  boolean isPacked() {
    return codes != null;
  }

  /** {@code [rows]}; not to be written to. Whole numbers are exact: none is beyond 2^53. */
  public double[] labels() {
    return labels;
  }

  /**
   * Copies the rows of {@code worker}, where this block's row 0 is row {@code base} of the data.
   */
  RowBlock ofWorker(long base, int worker, int workers) {
    int from = (int) Math.floorMod(worker - base, (long) workers);
    int n = from >= rows() ? 0 : (rows() - 1 - from) / workers + 1;
    boolean packed = codes != null && n * width >= PACKED_LEAST;
    float[] f = packed ? null : new float[n * width];
    byte[] c = packed ? new byte[n * width] : null;
    double[] l = new double[n];
    for (int i = 0; i < n; i++) {
      int row = from + i * workers;
      if (packed) System.arraycopy(codes, row * width, c, i * width, width);
      else copyFeatures(row, 1, f, i * width);
      l[i] = labels[row];
    }
    return new RowBlock(base + from, workers, width, f, c, packed ? table : null, l, null);
  }

  private void writeObject(ObjectOutputStream out) throws IOException {
    out.defaultWriteObject();
    if (codes != null) return;
    ByteBuffer bytes = ByteBuffer.allocate(PIECE * Float.BYTES);
    for (int at = 0; at < features.length; at += PIECE) {
      int n = Math.min(PIECE, features.length - at);
      bytes.asFloatBuffer().put(features, at, n);
      out.write(bytes.array(), 0, n * Float.BYTES);
    }
  }

  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    in.defaultReadObject();
    if (codes != null) return;
    features = new float[labels.length * width];
    ByteBuffer bytes = ByteBuffer.allocate(PIECE * Float.BYTES);
    for (int at = 0; at < features.length; at += PIECE) {
      int n = Math.min(PIECE, features.length - at);
      in.readFully(bytes.array(), 0, n * Float.BYTES);
      bytes.asFloatBuffer().get(features, at, n);
    }
  }

  /** Continues an order-dependent hash of every bit of the rows from {@code hash}. */
  long hash(long hash) {
    // Four chains side by side: each step of one waits for the step before.
    long a = hash;
    long b = 1;
    long c = 2;
    long d = 3;
    int i = 0;
    int length = rows() * width;
    for (; i + 8 <= length; i += 8) {
      a = mix(a, bits(i));
      b = mix(b, bits(i + 2));
      c = mix(c, bits(i + 4));
      d = mix(d, bits(i + 6));
    }
    for (; i < length; i++) a = mix(a, Float.floatToRawIntBits(feature(i)));
    for (double l : labels) a = mix(a, Double.doubleToRawLongBits(l));
    return mix(mix(mix(a, b), c), d);
  }

  /** Raises numbers, {@code [width]}, to the largest of each feature without its sign. */
  void raise(float[] largest) {
    for (int row = 0, length = rows() * width; row < length; row += width)
      for (int i = 0; i < width; i++) largest[i] = Math.max(largest[i], Math.abs(feature(row + i)));
  }

  /** Two features. */
  private long bits(int i) {
    return (long) Float.floatToRawIntBits(feature(i)) << 32
        | Float.floatToRawIntBits(feature(i + 1)) & 0xFFFFFFFFL;
  }

  private float feature(int i) {
    return codes == null ? features[i] : table[codes[i] & 0xff];
  }

  private static long mix(long hash, long bits) {
    long h = (hash ^ bits) * 0x9E3779B97F4A7C15L; // 2^64 / golden ratio
    return h ^ (h >>> 32);
  }

  @Override
  public String toString() {
    return "RowBlock(rows %s%s, features [%s, %s])"
        .formatted(firstRow, stride == 1 ? "" : " every " + stride, rows(), width);
  }
}
