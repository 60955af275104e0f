package io.sparkgrad.cluster.ingest;

import io.sparkgrad.Device;
import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Tensors;
import io.sparkgrad.random.Generator;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;

/**
 * Rows that {@link RowReader} persisted in the executors: K partitions, partition w with the rows
 * of worker w. A handle: small, and sent to tasks in their closure. Immutable and thread-safe, but
 * for {@link #close()}, which belongs to the driver.
 */
public final class Rows implements Serializable, AutoCloseable {
  private static final long serialVersionUID = 1L;

  /** A row and its label: a number, some, or none. */
  public record LabelAt(List<Double> label, long row) implements Serializable {
    static LabelAt of(double[] label, long row) {
      return new LabelAt(Arrays.stream(label).boxed().toList(), row);
    }

    double[] numbers() {
      return label.stream().mapToDouble(d -> d).toArray();
    }
  }

  private final JavaRDD<RowBlock> blocks;
  private final Partition[] partitions;
  private final long[] partitionCounts;
  private final int[] widths; // of the features, then of the labels
  private final Inputs inputs;
  private final float[] first; // row
  private final float[] largest;
  private final LabelAt minLabel;
  private final LabelAt maxLabel;
  private final boolean labelIsOne;
  private final boolean labelIsInteger;
  private final boolean rowOrderPinned;
  private final Skipped skipped;
  private final transient boolean owner; // false in a copy that was sent to a task

  Rows(
      JavaRDD<RowBlock> blocks,
      long[] partitionCounts,
      int[] widths,
      Inputs inputs,
      float[] first,
      float[] largest,
      LabelAt minLabel,
      LabelAt maxLabel,
      boolean labelIsOne,
      boolean labelIsInteger,
      boolean rowOrderPinned,
      Skipped skipped) {
    this.blocks = blocks;
    this.partitions = blocks.partitions().toArray(new Partition[0]);
    this.partitionCounts = partitionCounts;
    this.widths = widths;
    this.inputs = inputs;
    this.first = first;
    this.largest = largest;
    this.minLabel = minLabel;
    this.maxLabel = maxLabel;
    this.labelIsOne = labelIsOne;
    this.labelIsInteger = labelIsInteger;
    this.rowOrderPinned = rowOrderPinned;
    this.skipped = skipped;
    this.owner = true;
  }

  /** Count of rows of all workers. */
  public long count() {
    long sum = 0;
    for (long n : partitionCounts) sum += n;
    return sum;
  }

  /** Count of numbers a row: the sum of {@link #widths}. */
  public int width() {
    return Arrays.stream(widths()).sum();
  }

  /** Count of numbers in each feature column. */
  public int[] widths() {
    return Arrays.copyOf(widths, inputs.columns().size());
  }

  /** As {@link #widths}, and in each of the label's columns. */
  public int[] widthsOfAll() {
    return widths.clone();
  }

  /** Rows that could not be read and were left out. */
  public Skipped skipped() {
    return skipped;
  }

  /** The model's inputs of some of the rows. */
  public Tensors tensors(RowBlock block, Device device) {
    return inputs.tensors(block.features(), block.rows(), widths(), device);
  }

  /**
   * The targets of some of the rows: {@code [rows]} of a label of one number, else {@code [rows,
   * numbers]}; int64 where all of its columns hold whole numbers. Null: there is no label.
   */
  public Tensor targets(RowBlock block) {
    return targets(block.labels(), block.rows());
  }

  /** As {@link #targets(RowBlock)}, of so many rows of one label. */
  public Tensor targets(LabelAt label, int rows) {
    double[] one = label.numbers();
    double[] all = new double[rows * one.length];
    for (int r = 0; r < rows; r++) System.arraycopy(one, 0, all, r * one.length, one.length);
    return targets(all, rows);
  }

  private Tensor targets(double[] labels, int rows) {
    if (widths.length == inputs.columns().size()) return null;
    Tensor flat;
    if (labelIsInteger) {
      long[] whole = new long[labels.length];
      for (int i = 0; i < whole.length; i++) whole[i] = (long) labels[i];
      flat = Tensor.of(whole, whole.length);
    } else {
      flat = Tensor.tensor(labels);
    }
    return labelIsOne ? flat : flat.reshape(rows, labels.length / rows);
  }

  /** The model's inputs, and the weights of rows. */
  public Inputs inputs() {
    return inputs;
  }

  /** The weights of some of the rows; null: they have none. */
  public Tensor weights(RowBlock block, Device device) {
    return inputs.weights(block.features(), block.rows(), widths(), device);
  }

  /** Inputs of so many rows to try a model on: zeros, and the ids of the first row. */
  public Tensors examples(int rows) {
    return inputs.tensors(inputs.examples(first, rows, widths()), rows, widths(), Device.CPU);
  }

  /** The largest number in each feature column, without its sign. */
  public float[] largest() {
    return largest.clone();
  }

  /** K, the count of workers. */
  public int workers() {
    return partitions.length;
  }

  /** Count of rows in each partition of the source, in its order, which gives the row numbers. */
  public long[] partitionCounts() {
    return partitionCounts.clone();
  }

  /** The label with the smallest number, and the first row that has it. */
  public LabelAt minLabel() {
    return minLabel;
  }

  /** The label with the largest number, and the first row that has it. */
  public LabelAt maxLabel() {
    return maxLabel;
  }

  /** Whether the types of the label's columns hold whole numbers (or booleans) only. */
  public boolean labelIsInteger() {
    return labelIsInteger;
  }

  /** Whether the numbering is independent of how Spark split the source. */
  public boolean rowOrderPinned() {
    return rowOrderPinned;
  }

  /** Divides the rows into steps. */
  public StepRows steps(int batchSize) {
    return new StepRows(count(), batchSize, workers());
  }

  /**
   * The persisted RDD: exactly K partitions, partition w with worker w's rows in ascending order.
   *
   * <p>A job whose tasks call {@link #open} must be built on this RDD, say by {@code
   * blocks().coalesce(tasks).mapPartitions(..)}: only then does Spark know which shuffle to run
   * again when an executor is lost with its blocks.
   */
  public JavaRDD<RowBlock> blocks() {
    return blocks;
  }

  /**
   * Opens a worker's rows at their start, in any task: from this executor, another one or, when the
   * block was lost, computed again. Call it and use the cursor on the task's thread.
   */
  public BatchCursor open(int worker, TaskContext task) {
    return new BatchCursor(read(worker, task), width());
  }

  /**
   * As {@link #open}, in an order that depends on seed, worker and epoch alone. Memory holds a
   * window of rows at a time; of data that is larger, rows mix within windows.
   */
  public BatchCursor openShuffled(int worker, TaskContext task, long seed, long epoch) {
    Generator random =
        Generator.of(~seed, worker, epoch); // ~: apart from the steps' own generators
    return new BatchCursor(
        ShuffledBlocks.of(read(worker, task), width(), workers(), random), width());
  }

  /** As {@link #open}, block by block. */
  public Iterator<RowBlock> read(int worker, TaskContext task) {
    if (worker < 0 || worker >= workers())
      throw new IllegalArgumentException("worker " + worker + " of " + workers());
    return blocks.iterator(partitions[worker], task);
  }

  /**
   * Frees the blocks on the executors, and waits for it, at most Spark's RPC timeout: a context
   * that stops while executors still delete large files logs errors. On the driver; a copy sent to
   * a task frees nothing. Twice is fine, and so is a stopped SparkContext.
   */
  @Override
  public void close() {
    boolean wait = !Thread.currentThread().isInterrupted(); // else the thread is to stop soon
    if (owner && !blocks.context().isStopped()) Uninterrupted.run(() -> blocks.unpersist(wait));
  }

  @Override
  public String toString() {
    return "Rows(" + count() + " x " + width() + ", workers=" + workers() + ")";
  }
}
