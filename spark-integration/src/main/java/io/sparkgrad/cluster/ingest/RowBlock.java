package io.sparkgrad.cluster.ingest;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamField;
import java.io.Serializable;
import java.nio.ByteBuffer;

/**
 * A block of rows in columnar form: features {@code [rows, width]} in float32, row-major, and
 * labels {@code [rows]}. Row {@code i} of the block is row {@code firstRow + i * stride} of the
 * data, or, where rows were shuffled, the one that a list of row numbers gives.
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
    new ObjectStreamField("labels", double[].class)
  };
  private static final int FULL_ROWS = 4096;
  /* Java's object streams hold on to what passed through until Spark resets them, after 100 objects, and Spark looks every
   * 32 objects whether a sort must spill: of data larger than memory, that many blocks are there beside all budgets.
   * 25 MiB so; with blocks of 4 MiB an executor of 512 MiB ran out of memory. */
  private static final int FULL_BYTES = 256 << 10; // 65,536 floats
  private static final int PIECE = 1 << 14; // floats

  /* Not a record: Kryo 4, which Spark up to 4.0 may be set to use, cannot fill one. */
  private final long firstRow;
  private final int stride;
  private final int width;
  private float[] features; // [rows, width]; not final for readObject
  private final double[] labels; // [rows]
  private final long[] numbers; // [rows]; null where firstRow and stride say it

  RowBlock(long[] numbers, int width, float[] features, double[] labels) {
    this(numbers.length == 0 ? 0 : numbers[0], 1, width, features, labels, numbers);
  }

  RowBlock(long firstRow, int stride, int width, float[] features, double[] labels) {
    this(firstRow, stride, width, features, labels, null);
  }

  private RowBlock(
      long firstRow, int stride, int width, float[] features, double[] labels, long[] numbers) {
    this.numbers = numbers;
    if (features.length != labels.length * width)
      throw new IllegalArgumentException(
          "block: %s features for %s rows of %s".formatted(features.length, labels.length, width));
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
    return features;
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
    float[] f = new float[n * width];
    double[] l = new double[n];
    for (int i = 0; i < n; i++) {
      int row = from + i * workers;
      System.arraycopy(features, row * width, f, i * width, width);
      l[i] = labels[row];
    }
    return new RowBlock(base + from, workers, width, f, l);
  }

  private void writeObject(ObjectOutputStream out) throws IOException {
    out.defaultWriteObject();
    ByteBuffer bytes = ByteBuffer.allocate(PIECE * Float.BYTES);
    for (int at = 0; at < features.length; at += PIECE) {
      int n = Math.min(PIECE, features.length - at);
      bytes.asFloatBuffer().put(features, at, n);
      out.write(bytes.array(), 0, n * Float.BYTES);
    }
  }

  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    in.defaultReadObject();
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
    for (; i + 8 <= features.length; i += 8) {
      a = mix(a, bits(i));
      b = mix(b, bits(i + 2));
      c = mix(c, bits(i + 4));
      d = mix(d, bits(i + 6));
    }
    for (; i < features.length; i++) a = mix(a, Float.floatToRawIntBits(features[i]));
    for (double l : labels) a = mix(a, Double.doubleToRawLongBits(l));
    return mix(mix(mix(a, b), c), d);
  }

  /** Two features. */
  private long bits(int i) {
    return (long) Float.floatToRawIntBits(features[i]) << 32
        | Float.floatToRawIntBits(features[i + 1]) & 0xFFFFFFFFL;
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
