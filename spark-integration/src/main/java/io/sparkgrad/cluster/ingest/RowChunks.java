package io.sparkgrad.cluster.ingest;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.Row;

/**
 * Converts a partition's rows into columnar chunks, one at a time. Rows that cannot be trained on
 * are counted and left out, or the first of them ends it: its {@link RowProblem} is in the last
 * element. Not thread-safe.
 */
final class RowChunks implements Iterator<RowChunks.Chunk> {
  /** A block whose row numbers are positions among the partition's rows, or what stands for it. */
  static final class Chunk implements Serializable {
    private static final long serialVersionUID = 1L;

    final RowBlock block; // null: of the last element, if rows were left out
    final int[] widths; // count of numbers in each column; null without a block
    final RowProblem problem; // of the first row left out, or of the one that ends all; or null
    final long skipped; // count of rows left out; 0: the problem, if there is one, ends all

    private Chunk(RowBlock block, int[] widths, RowProblem problem, long skipped) {
      this.block = block;
      this.widths = widths;
      this.problem = problem;
      this.skipped = skipped;
    }
  }

  private final Iterator<Row> rows;
  private final boolean skip;
  private long at; // position of the row being read
  private long kept; // rows read into blocks
  private long skipped;
  private RowProblem problem; // the first
  private boolean ended;

  private final RowNumbers numbers; // of the row being read
  private int[] expected; // widths; null: those of the first row

  /**
   * @param expected count of numbers in each column; null: as the first row has them
   */
  RowChunks(Iterator<Row> rows, FeatureColumns columns, Invalid invalid, int[] expected) {
    this.rows = rows;
    this.skip = invalid != Invalid.ERROR;
    this.expected = expected;
    this.numbers = new RowNumbers(columns);
  }

  @Override
  public boolean hasNext() {
    return !ended && (problem != null || rows.hasNext());
  }

  @Override
  public Chunk next() {
    if (!hasNext()) throw new NoSuchElementException();
    Chunk chunk = rows.hasNext() && (skip || problem == null) ? chunk() : null;
    if (chunk != null) return chunk;
    ended = true;
    return new Chunk(null, null, problem, skipped);
  }

  /* Not all sources ask, and storing chunks does not: a cancelled task would read on to its last row. */
  private static void endIfKilled() {
    TaskContext task = TaskContext.get();
    if (task != null && task.isInterrupted())
      throw new TaskKilledException("cancelled while it read rows");
  }

  /** Reads the next rows; null if there is none that can be trained on before the end. */
  private Chunk chunk() {
    endIfKilled();
    long first = kept;
    int width = 0;
    int labelWidth = 0;
    float[] features = {};
    double[] labels = {};
    int capacity = 1;
    int n = 0;
    while (n < capacity && rows.hasNext()) {
      if (!read(rows.next())) {
        if (!skip) break;
        endIfKilled();
        continue;
      }
      if (n == 0) {
        width = numbers.features().count();
        labelWidth = numbers.labels().count();
        capacity = RowBlock.fullRows(width);
        features = new float[capacity * width];
        labels = new double[capacity * labelWidth];
      }
      numbers.features().copyTo(features, n * width);
      numbers.labels().copyTo(labels, n * labelWidth);
      n++;
    }
    if (n == 0) return null;
    kept += n;
    if (n < capacity) {
      labels = Arrays.copyOf(labels, n * labelWidth);
      features = Arrays.copyOf(features, n * width);
    }
    RowBlock block = new RowBlock(first, 1, width, features, labels).packed();
    return new Chunk(block, expected, null, 0);
  }

  /** Whether a row can be trained on; else it is counted, and the first problem kept. */
  private boolean read(Row row) {
    RowProblem found = numbers.read(row, at);
    if (found == null && expected == null) expected = numbers.widths();
    if (found == null && !Arrays.equals(numbers.widths(), expected))
      found = RowProblem.width(at, numbers.widths());
    at++;
    if (found == null) return true;
    if (problem == null) problem = found;
    if (skip) skipped++;
    return false;
  }
}
