package io.sparkgrad.cluster.ingest;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;

/** Count, hash, widths, extreme labels and first problem of one partition of the source. */
final class PartitionSummary implements Serializable {
  private static final long serialVersionUID = 1L;

  long count; // of rows in blocks
  long skipped; // rows left out
  long hash; // of every bit, in order
  int[] widths; // count of numbers in each column, the label's last; null without a good row
  RowProblem problem; // of the first row left out, or of the one that ends all; null: none
  double[] least; // label with the smallest number; null without a good row
  double[] most; // label with the largest
  double leastNumber; // of it
  double mostNumber;
  long leastAt; // first position of it
  long mostAt;
  float[] first; // row; null without a good one
  float[] largest; // of each number, without its sign; null without a good row

  static PartitionSummary of(Iterator<RowChunks.Chunk> chunks) {
    PartitionSummary summary = new PartitionSummary();
    while (chunks.hasNext()) {
      RowChunks.Chunk chunk = chunks.next();
      if (chunk.block != null) summary.add(chunk);
      else {
        summary.problem = chunk.problem;
        summary.skipped = chunk.skipped;
      }
    }
    return summary;
  }

  /** Whether a row cannot be read that must be. */
  boolean failed() {
    return problem != null && skipped == 0;
  }

  private void add(RowChunks.Chunk chunk) {
    widths = chunk.widths;
    if (first == null) {
      largest = new float[chunk.block.width()];
      first = new float[chunk.block.width()];
      chunk.block.copyFeatures(0, 1, first, 0);
    }
    chunk.block.raise(largest);
    int width = chunk.block.labelWidth();
    double[] labels = chunk.block.labels();
    for (int i = 0; i < chunk.block.rows(); i++) label(labels, i * width, width, count + i);
    count += chunk.block.rows();
    hash = chunk.block.hash(hash);
  }

  private void label(double[] labels, int from, int width, long at) {
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + width; i++) {
      min = Math.min(min, labels[i]);
      max = Math.max(max, labels[i]);
    }
    if (least == null || min < leastNumber) {
      least = Arrays.copyOfRange(labels, from, from + width);
      leastNumber = min;
      leastAt = at;
    }
    if (most == null || max > mostNumber) {
      most = Arrays.copyOfRange(labels, from, from + width);
      mostNumber = max;
      mostAt = at;
    }
  }
}
