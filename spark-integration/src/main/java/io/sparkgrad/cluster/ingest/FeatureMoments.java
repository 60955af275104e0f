package io.sparkgrad.cluster.ingest;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Count, means and summed squared distances of each feature number; Welford's update, Chan's merge.
 */
public final class FeatureMoments implements Serializable {
  private static final long serialVersionUID = 1L;

  private long count;
  private int[] widths;
  private double[] mean = {};
  private double[] squares = {};
  private RowProblem problem; // null: none

  private FeatureMoments() {}

  /**
   * Reads the features once, in the executors.
   *
   * @throws IllegalArgumentException for a column that is missing or not numbers, and for the first
   *     row with a null, a NaN, an infinity or another width: named with its number
   */
  public static FeatureMoments of(Dataset<Row> data, List<String> features) {
    return of(data, features, Invalid.ERROR);
  }

  /** As {@link #of(Dataset, List)}, leaving out what cannot be read, where it is allowed. */
  public static FeatureMoments of(Dataset<Row> data, List<String> features, Invalid invalid) {
    FeatureColumns columns = FeatureColumns.of(data, features);
    int first = data.columns().length;
    FlatMapFunction<Iterator<Row>, FeatureMoments> sum =
        rows -> List.of(FeatureMoments.of(columns, first, rows, invalid)).iterator();
    List<FeatureMoments> parts; // in order: the same bits each time
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(data.sparkSession().sparkContext());
    try (var described = JobDescription.of(spark, "scale of " + features)) {
      parts = columns.append(data).toJavaRDD().mapPartitions(sum).collect();
    }
    FeatureMoments all = null;
    int partition = 0;
    for (FeatureMoments part : parts) {
      if (part.problem != null) {
        throw part.problem.toException(
            columns,
            partition,
            all == null ? 0 : all.count,
            all == null ? part.widths : all.widths);
      }
      all = all == null || all.count == 0 ? part : all.plus(columns, partition, part);
      partition++;
    }
    return all == null ? new FeatureMoments() : all;
  }

  public long count() {
    return count;
  }

  /** The mean of each feature number, {@code [width]}. */
  public double[] mean() {
    return mean;
  }

  /** The standard deviation, divided by n, of each feature number; 1 of one that never varies. */
  public double[] deviation() {
    double[] deviation = new double[mean.length];
    for (int i = 0; i < deviation.length; i++) {
      double d = Math.sqrt(squares[i] / count);
      deviation[i] = d > 0 ? d : 1;
    }
    return deviation;
  }

  private static FeatureMoments of(
      FeatureColumns columns, int first, Iterator<Row> rows, Invalid invalid) {
    FeatureMoments m = new FeatureMoments();
    FeatureNumbers numbers = new FeatureNumbers(columns, first);
    float[] row = {};
    while (rows.hasNext() && m.problem == null) {
      RowProblem problem = numbers.read(rows.next(), m.count);
      if (problem != null && invalid != Invalid.ERROR) continue;
      m.problem = problem;
      if (m.problem != null) break;
      if (m.widths == null) {
        m.widths = numbers.widths().clone();
        m.mean = new double[numbers.count()];
        m.squares = new double[numbers.count()];
        row = new float[numbers.count()];
      } else if (!Arrays.equals(m.widths, numbers.widths())) {
        m.problem = RowProblem.width(m.count, numbers.widths().clone());
        break;
      }
      numbers.copyTo(row, 0);
      m.add(row);
    }
    return m;
  }

  private void add(float[] row) {
    count++;
    for (int i = 0; i < row.length; i++) {
      double distance = row[i] - mean[i];
      mean[i] += distance / count;
      squares[i] += distance * (row[i] - mean[i]);
    }
  }

  private FeatureMoments plus(FeatureColumns columns, int partition, FeatureMoments other) {
    if (other.count == 0) return this;
    if (!Arrays.equals(widths, other.widths)) {
      throw RowProblem.width(0, other.widths).toException(columns, partition, count, widths);
    }
    long total = count + other.count;
    for (int i = 0; i < mean.length; i++) {
      double distance = other.mean[i] - mean[i];
      mean[i] += distance * other.count / total;
      squares[i] += other.squares[i] + distance * distance * count * other.count / total;
    }
    count = total;
    return this;
  }
}
