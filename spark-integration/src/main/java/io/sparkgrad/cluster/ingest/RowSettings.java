package io.sparkgrad.cluster.ingest;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Which columns of a data frame become the rows to train on, and how.
 *
 * @param inputs of the model, and the weights of rows, with their columns
 * @param labels columns of the targets, side by side; none: the target is the model's input
 * @param rowOrder column to sort the rows by first; null: the order of the source
 * @param invalid what becomes of rows that cannot be read
 */
public record RowSettings(Inputs inputs, List<String> labels, String rowOrder, Invalid invalid)
    implements Serializable {
  public RowSettings {
    labels = new ArrayList<>(labels); // Kryo makes no List.of
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
