package io.sparkgrad.cluster.ingest;

import java.io.Serializable;

/**
 * Divides rows into steps. An epoch takes each of the rows 0..n-1 once; step {@code s} covers rows
 * {@code [s*B, min((s+1)*B, n))} of the data, and row {@code r} belongs to worker {@code r mod K}.
 * Any sizes work: a step may have no row for some worker. Immutable.
 *
 * @param rows n, count of rows of the data
 * @param batchSize B, count of rows of a step over all workers
 * @param workers K
 */
public record StepRows(long rows, int batchSize, int workers) implements Serializable {
  public StepRows {
    if (rows < 0) throw new IllegalArgumentException("rows must not be negative, got " + rows);
    if (batchSize < 1)
      throw new IllegalArgumentException("batchSize must be at least 1, got " + batchSize);
    if (workers < 1)
      throw new IllegalArgumentException("workers must be at least 1, got " + workers);
  }

  /** Count of steps an epoch: ceil(n/B). */
  public long stepsPerEpoch() {
    return rows / batchSize + (rows % batchSize == 0 ? 0 : 1);
  }

  /** The first row of a step of an epoch; n for the step after the last. */
  public long firstRow(long step) {
    if (step < 0 || step > stepsPerEpoch())
      throw new IllegalArgumentException(
          "step " + step + " of an epoch of " + stepsPerEpoch() + " steps");
    return step == stepsPerEpoch() ? rows : step * batchSize;
  }

  /** Count of rows in the first steps of a run of any number of epochs. */
  public long rowsInSteps(long steps) {
    return steps / stepsPerEpoch() * rows + firstRow(steps % stepsPerEpoch());
  }

  /** Count of rows of all workers in a step. */
  public int rowsIn(long step) {
    return (int) (firstRow(step + 1) - firstRow(step));
  }

  /** Count of rows of {@code worker} in a step. */
  public int rowsOf(int worker, long step) {
    return (int) (below(firstRow(step + 1), worker) - below(firstRow(step), worker));
  }

  /**
   * Count of rows of {@code worker} in the steps of the epoch before {@code step}: to be skipped.
   */
  public long rowsBefore(int worker, long step) {
    return below(firstRow(step), worker);
  }

  /** The smallest count of rows that a step gives a worker to whom it gives any. */
  public int fewestRows() {
    int last = rows % batchSize == 0 ? batchSize : (int) (rows % batchSize);
    int fewest = rows < batchSize ? last : Math.min(batchSize, last);
    return Math.max(1, fewest / workers);
  }

  /** Count of rows of {@code worker} in an epoch. */
  public long rowsOf(int worker) {
    return below(rows, worker);
  }

  /** Count of the rows 0..row-1 that belong to {@code worker}. */
  private long below(long row, int worker) {
    if (worker < 0 || worker >= workers)
      throw new IllegalArgumentException("worker " + worker + " of " + workers);
    return (row + workers - 1 - worker) / workers;
  }
}
