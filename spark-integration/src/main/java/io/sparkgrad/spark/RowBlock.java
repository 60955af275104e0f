package io.sparkgrad.spark;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Some rows in columnar form: features {@code [rows, width]} in float32, row-major, and one label a
 * row. Row {@code i} of the block is row {@code firstRow + i * stride} of the data, or, where rows
 * were shuffled, the one that a list of numbers says.
 *
 * <p>Thread-safe as long as nobody writes to the arrays: a block of a persisted RDD is shared by
 * all tasks of its executor, so they are read only.
 */
public final class RowBlock implements Serializable {
  private static final long serialVersionUID = 1L;

  /* Not a record: Kryo 4, which Spark up to 4.0 may be told to use, cannot fill one. */
  private final long firstRow;
  private final int stride;
  private final int width;
  private final float[] features; // [rows, width]
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
          "block: " + features.length + " features for " + labels.length + " rows of " + width);
    this.firstRow = firstRow;
    this.stride = stride;
    this.width = width;
    this.features = features;
    this.labels = labels;
  }

  public int rows() {
    return labels.length;
  }

  /** Numbers a row. */
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

  /** How far apart the numbers of two rows are that follow each other in a block in order. */
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

  /** The rows of {@code worker}, once this block's row 0 is row {@code base} of the data. */
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

  /** Carries an order-dependent hash of every bit of the rows on from {@code hash}. */
  long hash(long hash) {
    for (float f : features) hash = mix(hash, Float.floatToRawIntBits(f));
    for (double l : labels) hash = mix(hash, Double.doubleToRawLongBits(l));
    return hash;
  }

  private static long mix(long hash, long bits) {
    long h = (hash ^ bits) * 0x9E3779B97F4A7C15L; // 2^64 / golden ratio
    return h ^ (h >>> 32);
  }

  @Override
  public String toString() {
    return "RowBlock(rows "
        + firstRow
        + (stride == 1 ? "" : " every " + stride)
        + ", features "
        + Arrays.toString(new int[] {rows(), width})
        + ")";
  }
}
