package io.sparkgrad.cluster.ingest;

import java.util.Arrays;
import org.apache.spark.sql.Row;

/** Reads one row after the other, features and label. Not thread-safe. */
final class RowNumbers {
  private final FeatureNumbers features;
  private final LabelNumbers labels;

  RowNumbers(FeatureColumns columns) {
    features = new FeatureNumbers(columns, 0);
    labels = new LabelNumbers(columns);
  }

  /**
   * Reads a row.
   *
   * @param at its position in the partition
   * @return what is wrong with it; null: nothing
   */
  RowProblem read(Row row, long at) {
    RowProblem found = features.read(row, at);
    if (found != null) return found;
    if (features.count() == 0)
      return RowProblem.value(at, "the feature columns hold no number", "check how they are made");
    return labels.read(row, at);
  }

  FeatureNumbers features() {
    return features;
  }

  LabelNumbers labels() {
    return labels;
  }

  /** Count of numbers in each column, the label's last. */
  int[] widths() {
    int n = features.widths().length;
    int[] all = Arrays.copyOf(features.widths(), n + labels.widths().length);
    System.arraycopy(labels.widths(), 0, all, n, labels.widths().length);
    return all;
  }
}
