package io.sparkgrad.spark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;

/**
 * Turns a partition's rows into columnar chunks, one chunk at a time. The first row that will not
 * do ends it: its {@link RowProblem} is the last element. Not thread-safe.
 */
final class RowChunks implements Iterator<RowChunks.Chunk> {
  private static final int CHUNK_ROWS = 4096;
  private static final int CHUNK_BYTES = 4 << 20; // 4 MiB: 1,048,576 floats
  private static final double EXACT = 0x1p53; // whole numbers up to here are exact in double

  private static final String DROP = "fill or drop %s first, e.g. data.na().drop()";
  private static final String FILTER = "replace such numbers or filter the row out first";

  /** Rows by their positions in the partition, or a problem. */
  static final class Chunk implements Serializable {
    private static final long serialVersionUID = 1L;

    final RowBlock block; // null: a problem
    final int[] widths; // numbers in each column; null: a problem
    final RowProblem problem;

    private Chunk(RowBlock block, int[] widths, RowProblem problem) {
      this.block = block;
      this.widths = widths;
      this.problem = problem;
    }
  }

  private final Iterator<Row> rows;
  private final FeatureColumns columns;
  private long at; // position of the row being read
  private RowProblem problem;
  private boolean ended;

  private float[] numbers = new float[16]; // of the row being read
  private int count;
  private final int[] widths;
  private int[] firstWidths; // null before the first row
  private int width;
  private double label;

  RowChunks(Iterator<Row> rows, FeatureColumns columns) {
    this.rows = rows;
    this.columns = columns;
    this.widths = new int[columns.features()];
  }

  /** Rows of a full chunk. */
  static int chunkRows(int width) {
    return Math.max(1, Math.min(CHUNK_ROWS, CHUNK_BYTES / Float.BYTES / Math.max(1, width)));
  }

  @Override
  public boolean hasNext() {
    return problem != null || (!ended && rows.hasNext());
  }

  @Override
  public Chunk next() {
    if (!hasNext()) throw new NoSuchElementException();
    Chunk chunk = problem == null ? chunk() : null;
    if (chunk != null) return chunk;
    chunk = new Chunk(null, null, problem);
    problem = null;
    return chunk;
  }

  /** The next rows; null when the first of them is the problem. */
  private Chunk chunk() {
    long first = at;
    float[] features = {};
    double[] labels = {};
    int n = 0;
    while (rows.hasNext() && (n == 0 || n < labels.length)) {
      problem = read(rows.next());
      if (problem != null) break;
      if (n == 0) {
        labels = new double[chunkRows(width)];
        features = new float[labels.length * width];
      }
      System.arraycopy(numbers, 0, features, n * width, width);
      labels[n++] = label;
      at++;
    }
    ended = problem != null;
    if (n == 0) return null;
    if (n < labels.length) {
      labels = Arrays.copyOf(labels, n);
      features = Arrays.copyOf(features, n * width);
    }
    return new Chunk(new RowBlock(first, 1, width, features, labels), firstWidths, null);
  }

  private RowProblem read(Row row) {
    count = 0;
    for (int c = 0; c < widths.length; c++) {
      if (row.isNullAt(c)) return isNull(columns.name(c));
      int before = count;
      RowProblem found =
          switch (columns.form(c)) {
            case NUMBER -> number(c, row.get(c));
            case ARRAY -> array(c, row.get(c));
            case VECTOR -> vector(c, row.getAs(c));
          };
      if (found != null) return found;
      widths[c] = count - before;
    }
    return firstWidths == null ? firstWidths(row) : sameWidths(row);
  }

  private RowProblem firstWidths(Row row) {
    if (count == 0)
      return RowProblem.value(at, "the feature columns hold no number", "check how they are made");
    firstWidths = widths.clone();
    width = count;
    return label(row);
  }

  private RowProblem sameWidths(Row row) {
    return Arrays.equals(widths, firstWidths) ? label(row) : RowProblem.width(at, widths.clone());
  }

  private RowProblem label(Row row) {
    if (row.isNullAt(widths.length)) return isNull(columns.label());
    label = toDouble(row.get(widths.length));
    String what = "label column '" + columns.label() + "' is ";
    if (!Double.isFinite(label)) return RowProblem.value(at, what + label, drop("such rows"));
    if (columns.labelIsInteger() && Math.abs(label) > EXACT)
      return RowProblem.value(
          at,
          what + row.get(widths.length),
          "whole numbers beyond 2^53 lose digits; is it an id rather than a label?");
    return null;
  }

  private RowProblem number(int column, Object cell) {
    double value = toDouble(cell);
    return add(value) ? null : notFinite(column, value, "", drop("such rows"));
  }

  private RowProblem array(int column, Object cell) {
    if (cell instanceof ArrayCells.NullAt at)
      return RowProblem.value(
          this.at,
          "column '" + columns.name(column) + "' has null at position " + at.position(),
          FILTER);
    return cell instanceof float[] floats ? floats(column, floats) : dense(column, (double[]) cell);
  }

  private RowProblem floats(int column, float[] values) {
    for (int i = 0; i < values.length; i++)
      if (!Float.isFinite(values[i]))
        return notFinite(column, values[i], " at position " + i, FILTER);
    ensure(values.length);
    System.arraycopy(values, 0, numbers, count, values.length);
    count += values.length;
    return null;
  }

  private RowProblem vector(int column, Vector cell) {
    if (!(cell instanceof SparseVector sparse)) return dense(column, cell.toArray());
    int start = count;
    ensure(sparse.size());
    Arrays.fill(numbers, start, start + sparse.size(), 0f);
    for (int i = 0; i < sparse.indices().length; i++) {
      double value = sparse.values()[i];
      float f = (float) value;
      if (!Float.isFinite(f))
        return notFinite(column, value, " at position " + sparse.indices()[i], FILTER);
      numbers[start + sparse.indices()[i]] = f;
    }
    count += sparse.size();
    return null;
  }

  private RowProblem dense(int column, double[] values) {
    ensure(values.length);
    float[] to = numbers;
    int from = count;
    for (int i = 0; i < values.length; i++) {
      float f = (float) values[i];
      if (!Float.isFinite(f)) return notFinite(column, values[i], " at position " + i, FILTER);
      to[from + i] = f;
    }
    count += values.length;
    return null;
  }

  private RowProblem isNull(String column) {
    return RowProblem.value(at, "column '" + column + "' is null", drop("nulls"));
  }

  private RowProblem notFinite(int column, double value, String position, String remedy) {
    String text = "column '" + columns.name(column) + "' is " + value + position;
    return Double.isFinite(value)
        ? RowProblem.value(at, text, "float32 ends at 3.4E38; scale the column first")
        : RowProblem.value(at, text, remedy);
  }

  private static String drop(String what) {
    return String.format(DROP, what);
  }

  private static double toDouble(Object cell) {
    if (cell instanceof Number number) return number.doubleValue();
    return (Boolean) cell ? 1 : 0;
  }

  /** Appends to the row; false for a number that is not finite in float32. */
  private boolean add(double value) {
    ensure(1);
    float f = (float) value;
    numbers[count++] = f;
    return Float.isFinite(f);
  }

  private void ensure(int more) {
    if (count + more > numbers.length)
      numbers = Arrays.copyOf(numbers, Math.max(count + more, 2 * numbers.length));
  }
}
