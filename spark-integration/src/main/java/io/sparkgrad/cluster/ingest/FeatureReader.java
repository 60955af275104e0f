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
  private final Invalid invalid;
  private final int partition;
  private FeatureNumbers numbers; // null before the first row
  private long at; // position of the row read next

  /**
   * @param widths numbers in each column, as the model takes them
   * @param invalid whether a row that cannot be read is an error
   * @param partition named in errors
   */
  public FeatureReader(FeatureColumns columns, int[] widths, Invalid invalid, int partition) {
    this.columns = columns;
    this.widths = widths;
    this.invalid = invalid;
    this.partition = partition;
  }

  /**
   * Copies the next row's features into an array, if they can be read.
   *
   * @return whether they could
   * @throws IllegalArgumentException if they could not, unless that is no error
   */
  public boolean read(Row row, float[] into, int position) {
    if (numbers == null) numbers = new FeatureNumbers(columns, row.size() - columns.features());
    RowProblem problem = numbers.read(row, at);
    if (problem == null && !Arrays.equals(numbers.widths(), widths))
      problem = RowProblem.width(at, numbers.widths());
    if (problem != null && invalid == Invalid.ERROR)
      throw problem.inPrediction(columns, partition, widths);
    if (problem == null) numbers.copyTo(into, position);
    at++;
    return problem == null;
  }
}
