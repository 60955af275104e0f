package io.sparkgrad.cluster.ingest;

import java.io.Serializable;
import java.util.Locale;

/**
 * The first row of a partition that cannot be trained on. It travels to the driver as data: an
 * exception would cost Spark's four attempts, arrive as text inside a SparkException, and could not
 * know the row's number, which needs the counts of the partitions before.
 */
final class RowProblem implements Serializable {
  private static final long serialVersionUID = 1L;

  private final long at; // position in the partition
  private final String what;
  private final String remedy;
  private final int[] widths; // of the row, when these are the problem; else null

  private RowProblem(long at, String what, String remedy, int[] widths) {
    this.at = at;
    this.what = what;
    this.remedy = remedy;
    this.widths = widths;
  }

  static RowProblem value(long at, String what, String remedy) {
    return new RowProblem(at, what, remedy, null);
  }

  static RowProblem width(long at, int[] widths) {
    return new RowProblem(at, null, null, widths);
  }

  /**
   * @param base the rows of the partitions before
   * @param firstWidths count of numbers in each column of row 0 of the data
   */
  IllegalArgumentException toException(
      FeatureColumns columns, int partition, long base, int[] firstWidths) {
    String reason = reason(columns, partition, base, firstWidths, "row 0 has");
    return new IllegalArgumentException(remedy == null ? reason : reason + ": " + remedy);
  }

  /** What is wrong, and where, as {@link #toException} says it; {@code others} have the widths. */
  String reason(
      FeatureColumns columns, int partition, long base, int[] firstWidths, String others) {
    String place = place(partition);
    if (widths == null)
      return String.format(Locale.ROOT, "%s in row %,d %s", what, base + at, place);
    int c = other(firstWidths);
    return String.format(
        Locale.ROOT,
        "column '%s': row %,d has %,d numbers where %s %,d %s",
        columns.name(c),
        base + at,
        widths[c],
        others,
        firstWidths[c],
        place);
  }

  /**
   * As {@link #toException}, in a task that does not know the count of rows before its own.
   *
   * @param trained count of numbers in each column, as the model takes them
   */
  IllegalArgumentException inPrediction(FeatureColumns columns, int partition, int[] trained) {
    if (widths == null)
      return new IllegalArgumentException(what + " " + place(partition) + ": " + remedy);
    int c = other(trained);
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "column '%s' has %,d numbers where the model takes %,d %s",
            columns.name(c),
            widths[c],
            trained[c],
            place(partition)));
  }

  private String place(int partition) {
    return String.format(Locale.ROOT, "(partition %d, row %,d of it)", partition, at);
  }

  private int other(int[] expected) {
    int c = 0;
    while (widths[c] == expected[c]) c++;
    return c;
  }
}
