package io.sparkgrad.cluster.ingest;

import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Iterates over one worker's rows of one epoch, in order: {@link #skip} what is done, then {@link
 * #next} step by step. Holds one block at a time. Not thread-safe; a cursor of {@link Rows#open}
 * stays on the task's thread.
 */
public final class BatchCursor {
  private final Iterator<RowBlock> blocks;
  private final int width;
  private RowBlock block; // null before the first
  private int at; // next row within the block

  BatchCursor(Iterator<RowBlock> blocks, int width) {
    this.blocks = blocks;
    this.width = width;
  }

  /**
   * Skips rows.
   *
   * @throws NoSuchElementException if fewer are left
   */
  public void skip(long rows) {
    for (long left = rows; left > 0; ) {
      int n = (int) Math.min(left, available(left));
      at += n;
      left -= n;
    }
  }

  /**
   * Copies the next {@code rows} rows, 0 or more, into new arrays: features {@code [rows, width]}
   * and labels {@code [rows, labelWidth]}.
   *
   * @throws NoSuchElementException if fewer are left
   */
  public RowBlock next(int rows) {
    float[] features = new float[Math.multiplyExact(rows, width)];
    double[] labels = {};
    int labelWidth = 0;
    long first = 0;
    int stride = 1;
    long[] numbers = null;
    for (int done = 0; done < rows; ) {
      int n = Math.min(rows - done, available(rows - done));
      if (done == 0) {
        first = block.row(at);
        stride = block.stride();
        labelWidth = block.labelWidth();
        labels = new double[rows * labelWidth];
        if (block.isShuffled()) numbers = new long[rows];
      }
      if (numbers != null) for (int i = 0; i < n; i++) numbers[done + i] = block.row(at + i);
      block.copyFeatures(at, n, features, done * width);
      System.arraycopy(block.labels(), at * labelWidth, labels, done * labelWidth, n * labelWidth);
      at += n;
      done += n;
    }
    return numbers == null
        ? new RowBlock(first, stride, width, features, labels)
        : new RowBlock(numbers, width, features, labels);
  }

  /** Rows left in the current block, at least one. */
  private int available(long wanted) {
    while (block == null || at == block.rows()) {
      if (!blocks.hasNext())
        throw new NoSuchElementException(
            "the worker's rows are at their end, %s more were asked for".formatted(wanted));
      RowBlock before = block;
      block = blocks.next();
      at = 0;
      if (before != null && !block.isShuffled() && block.row(0) != before.row(before.rows()))
        throw new IllegalStateException(
            "row %s is missing before row %s".formatted(before.row(before.rows()), block.row(0)));
    }
    return block.rows() - at;
  }
}
