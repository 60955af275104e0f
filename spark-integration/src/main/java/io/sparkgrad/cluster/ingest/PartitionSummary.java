package io.sparkgrad.cluster.ingest;

import java.io.Serializable;
import java.util.Iterator;

/** Count, hash, widths, label range and first problem of one partition of the source. */
final class PartitionSummary implements Serializable {
  private static final long serialVersionUID = 1L;

  long count;
  long hash; // of every bit, in order
  int[] widths; // count of numbers in each column; null without a good row
  RowProblem problem; // null: none
  double minLabel;
  double maxLabel;
  long minAt; // first position of the smallest label
  long maxAt;
  float[] first; // row; null without a good one
  float[] largest; // of each number, without its sign; null without a good row

  static PartitionSummary of(Iterator<RowChunks.Chunk> chunks) {
    PartitionSummary summary = new PartitionSummary();
    while (chunks.hasNext()) {
      RowChunks.Chunk chunk = chunks.next();
      if (chunk.problem != null) summary.problem = chunk.problem;
      else summary.add(chunk);
    }
    return summary;
  }

  private void add(RowChunks.Chunk chunk) {
    widths = chunk.widths;
    if (first == null) {
      largest = new float[chunk.block.width()];
      first = new float[chunk.block.width()];
      chunk.block.copyFeatures(0, 1, first, 0);
    }
    chunk.block.raise(largest);
    double[] labels = chunk.block.labels();
    for (int i = 0; i < labels.length; i++) {
      boolean first = count == 0 && i == 0;
      if (first || labels[i] < minLabel) {
        minLabel = labels[i];
        minAt = count + i;
      }
      if (first || labels[i] > maxLabel) {
        maxLabel = labels[i];
        maxAt = count + i;
      }
    }
    count += labels.length;
    hash = chunk.block.hash(hash);
  }
}
