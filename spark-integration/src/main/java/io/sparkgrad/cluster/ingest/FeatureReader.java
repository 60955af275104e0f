package io.sparkgrad.cluster.ingest;

import java.util.Arrays;
import org.apache.spark.sql.Row;

/**
 * Reads the features of one row after the other of a partition, for prediction: the last columns,
 * as {@link FeatureColumns#append} puts them. Not thread-safe.
 */
public final class FeatureReader {
  private final FeatureColumns columns;
  private final int[] widths;
  private final int partition;
  private FeatureNumbers numbers; // null before the first row
  private long at; // position of the row read next

  /**
   * @param widths numbers in each column, as the model takes them
   * @param partition named in errors
   */
  public FeatureReader(FeatureColumns columns, int[] widths, int partition) {
    this.columns = columns;
    this.widths = widths;
    this.partition = partition;
  }

  /**
   * Copies the next row's features into an array.
   *
   * @throws IllegalArgumentException for a null, a number that is not finite, or another width
   */
  public void read(Row row, float[] into, int position) {
    if (numbers == null) numbers = new FeatureNumbers(columns, row.size() - columns.features());
    RowProblem problem = numbers.read(row, at);
    if (problem == null && !Arrays.equals(numbers.widths(), widths))
      problem = RowProblem.width(at, numbers.widths());
    if (problem != null) throw problem.inPrediction(columns, partition, widths);
    numbers.copyTo(into, position);
    at++;
  }
}
