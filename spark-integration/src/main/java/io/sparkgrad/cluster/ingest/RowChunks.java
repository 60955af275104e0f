package io.sparkgrad.cluster.ingest;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.Row;

/**
 * Converts a partition's rows into columnar chunks, one at a time. The first row that cannot be
 * trained on ends it: its {@link RowProblem} is the last element. Not thread-safe.
 */
final class RowChunks implements Iterator<RowChunks.Chunk> {
  private static final double EXACT = 0x1p53; // whole numbers up to here are exact in double

  /** A block whose row numbers are positions in the partition, or a problem. */
  static final class Chunk implements Serializable {
    private static final long serialVersionUID = 1L;

    final RowBlock block; // null: a problem
    final int[] widths; // count of numbers in each column; null: a problem
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

  private final FeatureNumbers numbers; // of the row being read
  private int[] firstWidths; // null before the first row
  private int width;
  private double label;

  RowChunks(Iterator<Row> rows, FeatureColumns columns) {
    this.rows = rows;
    this.columns = columns;
    this.numbers = new FeatureNumbers(columns, 0);
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

  /* Not all sources ask, and storing chunks does not: a cancelled task would read on to its last row. */
  private static void endIfKilled() {
    TaskContext task = TaskContext.get();
    if (task != null && task.isInterrupted())
      throw new TaskKilledException("cancelled while it read rows");
  }

  /** Reads the next rows; null when the first of them is the problem. */
  private Chunk chunk() {
    endIfKilled();
    long first = at;
    float[] features = {};
    double[] labels = {};
    int n = 0;
    while (rows.hasNext() && (n == 0 || n < labels.length)) {
      problem = read(rows.next());
      if (problem != null) break;
      if (n == 0) {
        labels = new double[RowBlock.fullRows(width)];
        features = new float[labels.length * width];
      }
      numbers.copyTo(features, n * width);
      labels[n++] = label;
      at++;
    }
    ended = problem != null;
    if (n == 0) return null;
    if (n < labels.length) {
      labels = Arrays.copyOf(labels, n);
      features = Arrays.copyOf(features, n * width);
    }
    RowBlock block = new RowBlock(first, 1, width, features, labels).packed();
    return new Chunk(block, firstWidths, null);
  }

  private RowProblem read(Row row) {
    RowProblem found = numbers.read(row, at);
    if (found != null) return found;
    return firstWidths == null ? firstWidths(row) : sameWidths(row);
  }

  private RowProblem firstWidths(Row row) {
    if (numbers.count() == 0)
      return RowProblem.value(at, "the feature columns hold no number", "check how they are made");
    firstWidths = numbers.widths().clone();
    width = numbers.count();
    return label(row);
  }

  private RowProblem sameWidths(Row row) {
    int[] widths = numbers.widths();
    return Arrays.equals(widths, firstWidths) ? label(row) : RowProblem.width(at, widths.clone());
  }

  private RowProblem label(Row row) {
    int c = columns.features();
    if (row.isNullAt(c)) return FeatureNumbers.isNull(at, columns.label());
    label = FeatureNumbers.toDouble(row.get(c));
    String what = "label column '" + columns.label() + "' is ";
    if (!Double.isFinite(label))
      return RowProblem.value(at, what + label, FeatureNumbers.drop("such rows"));
    if (!columns.labelIsInteger() && !Float.isFinite((float) label))
      return RowProblem.value(at, what + label, "float32 ends at 3.4E38; scale the column first");
    if (columns.labelIsInteger() && Math.abs(label) > EXACT)
      return RowProblem.value(
          at,
          what + row.get(c),
          "whole numbers beyond 2^53 lose digits; is it an id rather than a label?");
    return null;
  }
}
