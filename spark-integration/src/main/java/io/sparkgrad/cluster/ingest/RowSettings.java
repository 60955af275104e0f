package io.sparkgrad.cluster.ingest;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.storage.StorageLevel;

/**
 * Which columns of a data frame become the rows to train on, and how.
 *
 * @param inputs of the model, and the weights of rows, with their columns
 * @param labels columns of the targets, side by side; none: the target is the model's input
 * @param rowOrder column to sort the rows by first; null: the order of the source
 * @param invalid what becomes of rows that cannot be read
 * @param copies executors that keep a row once it was read: 1, or 2
 */
public record RowSettings(
    Inputs inputs, List<String> labels, String rowOrder, Invalid invalid, int copies)
    implements Serializable {
  public RowSettings {
    labels = new ArrayList<>(labels); // Kryo makes no List.of
  }

  /** Of rows in the order of the source, one copy each. */
  public RowSettings(Inputs inputs, List<String> labels, Invalid invalid) {
    this(inputs, labels, null, invalid, 1);
  }

  StorageLevel storage() {
    return copies == 1 ? StorageLevel.MEMORY_AND_DISK() : StorageLevel.MEMORY_AND_DISK_2();
  }

  /** What is learned, as a user knows it: the label's columns. */
  public String learned() {
    return labels.isEmpty() ? "the input" : String.join(", ", labels);
  }

  /** The only column of the label; null if there are several, or none. */
  public String onlyLabel() {
    return labels.size() == 1 ? labels.get(0) : null;
  }
}
