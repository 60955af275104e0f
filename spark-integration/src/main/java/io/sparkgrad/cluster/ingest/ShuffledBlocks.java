package io.sparkgrad.cluster.ingest;

import io.sparkgrad.random.Generator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** Shuffles rows within one window of blocks after the other. Not thread-safe. */
final class ShuffledBlocks implements Iterator<RowBlock> {
  /* Over all workers, whose count bounds what one executor may have to hold: 128 MiB. It must not depend on the executor,
   * or the order would. */
  private static final int WINDOW_NUMBERS = 32 << 20;
  /* Of a block handed out, 128 KiB: larger arrays leave the processor's caches, and G1 takes those of half a region for
   * old, of which it then searches the whole heap. */
  private static final int BLOCK_NUMBERS = 1 << 15;

  private final Iterator<RowBlock> blocks;
  private final int width;
  private final int rowsEach;
  private final Generator random;
  private final int windowNumbers;

  private final List<RowBlock> window = new ArrayList<>();
  private int[] order = {}; // rows of the window, counted through its blocks
  private int[] ends = {}; // where each block of the window ends in that count
  private int at;

  static ShuffledBlocks of(Iterator<RowBlock> blocks, int width, int workers, Generator random) {
    return new ShuffledBlocks(blocks, width, random, Math.max(1, WINDOW_NUMBERS / workers));
  }

  ShuffledBlocks(Iterator<RowBlock> blocks, int width, Generator random, int windowNumbers) {
    this.blocks = blocks;
    this.width = width;
    this.rowsEach = Math.max(1, BLOCK_NUMBERS / Math.max(1, width));
    this.random = random;
    this.windowNumbers = windowNumbers;
  }

  @Override
  public boolean hasNext() {
    if (at == order.length) fill();
    return at < order.length;
  }

  private void fill() {
    window.clear();
    long rows = 0;
    long held = 0;
    while (blocks.hasNext() && held < windowNumbers) {
      RowBlock block = blocks.next();
      window.add(block);
      rows += block.rows();
      held += block.held();
    }
    order = random.permutation(Math.toIntExact(rows));
    ends = new int[window.size()];
    for (int i = 0, end = 0; i < ends.length; i++) ends[i] = end += window.get(i).rows();
    at = 0;
  }

  @Override
  public RowBlock next() {
    if (!hasNext()) throw new NoSuchElementException();
    int n = Math.min(rowsEach, order.length - at);
    float[] features = new float[n * width];
    int labelWidth = window.get(0).labelWidth();
    double[] labels = new double[n * labelWidth];
    long[] numbers = new long[n];
    for (int i = 0; i < n; i++) {
      int row = order[at + i];
      int found =
          Arrays.binarySearch(ends, row); // the block that ends just there, or where it would stand
      int b = found < 0 ? -found - 1 : found + 1;
      RowBlock block = window.get(b);
      int from = row - (ends[b] - block.rows());
      block.copyFeatures(from, 1, features, i * width);
      System.arraycopy(block.labels(), from * labelWidth, labels, i * labelWidth, labelWidth);
      numbers[i] = block.row(from);
    }
    at += n;
    return new RowBlock(numbers, width, features, labels);
  }
}
