package io.sparkgrad.cluster.ingest;

import java.io.Serializable;

/**
 * A block of rows: features {@code [rows, width]} in float32, in the form of a {@link
 * FeatureBlock}, and labels {@code [rows, labelWidth]} in float64. Row {@code i} of the block is
 * row {@code firstRow + i * stride} of the data, or, where rows were shuffled, the one that a list
 * of row numbers gives.
 *
 * <p>Thread-safe as long as nobody writes to the arrays: a block of a persisted RDD is shared by
 * all tasks of its executor, so they are read only.
 */
public final class RowBlock implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final int FULL_ROWS = 4096;
  /* Java's object streams hold on to what passed through until Spark resets them, after 100 objects, and Spark looks every
   * 32 objects whether a sort must spill: of data larger than memory, that many blocks are there beside all budgets.
   * 25 MiB so; with blocks of 4 MiB an executor of 512 MiB ran out of memory. */
  private static final int FULL_BYTES = 256 << 10; // 65,536 floats

  private final long firstRow;
  private final int stride;
  private final FeatureBlock features;
  private final double[] labels; // [rows, labelWidth]
  private final long[] numbers; // [rows]; null where firstRow and stride say it

  RowBlock(long[] numbers, int width, float[] features, double[] labels) {
    this(
        numbers.length == 0 ? 0 : numbers[0], 1, FeatureBlock.of(features, width), labels, numbers);
  }

  RowBlock(long firstRow, int stride, int width, float[] features, double[] labels) {
    this(firstRow, stride, FeatureBlock.of(features, width), labels, null);
  }

  private RowBlock(
      long firstRow, int stride, FeatureBlock features, double[] labels, long[] numbers) {
    if (features.rows == 0 ? labels.length > 0 : labels.length % features.rows > 0)
      throw new IllegalArgumentException(
          "block: %s labels for %s rows".formatted(labels.length, features.rows));
    this.firstRow = firstRow;
    this.stride = stride;
    this.features = features;
    this.labels = labels;
    this.numbers = numbers;
  }

  /** Rows of a full block of so many numbers a row: at most 256 KiB of features, at least 1. */
  public static int fullRows(int width) {
    return Math.max(1, Math.min(FULL_ROWS, FULL_BYTES / Float.BYTES / Math.max(1, width)));
  }

  public int rows() {
    return features.rows;
  }

  /** Count of numbers a row. */
  public int width() {
    return features.width;
  }

  /** Count of numbers of a row's label; 0: there is none. */
  int labelWidth() {
    return rows() == 0 ? 0 : labels.length / rows();
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
    return features.all();
  }

  /** Copies the features of {@code n} rows from {@code row} on. */
  void copyFeatures(int row, int n, float[] to, int at) {
    features.copy(row, n, to, at);
  }

  /** The same rows in a fraction of the memory, if their features have a form for it. */
  RowBlock packed() {
    FeatureBlock packed = features.packed();
    return packed == features ? this : new RowBlock(firstRow, stride, packed, labels, numbers);
  }

  boolean isPacked() {
    return !features.isPlain();
  }

  /** The count of features that memory holds. */
  long held() {
    return features.held();
  }

  /**
   * {@code [rows, labelWidth]}; not to be written to. Whole numbers are exact: none is beyond 2^53.
   */
  public double[] labels() {
    return labels;
  }

  /**
   * Copies the rows of {@code worker}, where this block's row 0 is row {@code base} of the data.
   */
  RowBlock ofWorker(long base, int worker, int workers) {
    int from = (int) Math.floorMod(worker - base, (long) workers);
    int n = from >= rows() ? 0 : (rows() - 1 - from) / workers + 1;
    int w = labelWidth();
    double[] l = new double[n * w];
    for (int i = 0; i < n; i++) System.arraycopy(labels, (from + i * workers) * w, l, i * w, w);
    return new RowBlock(base + from, workers, features.every(from, workers, n), l, null);
  }

  /** Continues an order-dependent hash of every bit of the rows from {@code hash}. */
  long hash(long hash) {
    // Four chains side by side: each step of one waits for the step before.
    float[] f = features.all();
    long a = hash;
    long b = 1;
    long c = 2;
    long d = 3;
    int i = 0;
    for (; i + 8 <= f.length; i += 8) {
      a = mix(a, bits(f, i));
      b = mix(b, bits(f, i + 2));
      c = mix(c, bits(f, i + 4));
      d = mix(d, bits(f, i + 6));
    }
    for (; i < f.length; i++) a = mix(a, Float.floatToRawIntBits(f[i]));
    for (double l : labels) a = mix(a, Double.doubleToRawLongBits(l));
    return mix(mix(mix(a, b), c), d);
  }

  /** Raises numbers, {@code [width]}, to the largest of each feature without its sign. */
  void raise(float[] largest) {
    float[] f = features.all();
    int width = width();
    for (int row = 0; row < f.length; row += width)
      for (int i = 0; i < width; i++) largest[i] = Math.max(largest[i], Math.abs(f[row + i]));
  }

  /** Two features. */
  private static long bits(float[] f, int i) {
    return (long) Float.floatToRawIntBits(f[i]) << 32
        | Float.floatToRawIntBits(f[i + 1]) & 0xFFFFFFFFL;
  }

  private static long mix(long hash, long bits) {
    long h = (hash ^ bits) * 0x9E3779B97F4A7C15L; // 2^64 / golden ratio
    return h ^ (h >>> 32);
  }

  @Override
  public String toString() {
    return "RowBlock(rows %s%s, features [%s, %s])"
        .formatted(firstRow, stride == 1 ? "" : " every " + stride, rows(), width());
  }
}
