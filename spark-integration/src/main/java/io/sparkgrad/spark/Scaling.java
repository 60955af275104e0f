package io.sparkgrad.spark;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Standardize;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Mean and standard deviation of every feature, from one pass over the data, for a model's first
 * layer. The scale then is a part of the model: it is saved with it, and prediction needs no second
 * look at the training data.
 *
 * <pre>{@code
 * Scaling scaling = Scaling.standard(train, "age", "income");
 * SparkTrainer.of(() -> new Sequential(scaling.layer(), new Linear(2, 1))).features("age", "income")...
 * }</pre>
 */
public final class Scaling implements Serializable {
  private static final long serialVersionUID = 1L;

  private final double[] mean;
  private final double[] deviation;

  private Scaling(double[] mean, double[] deviation) {
    this.mean = mean;
    this.deviation = deviation;
  }

  /**
   * Reads the features once, in the executors. A feature that never varies gets the deviation 1.
   *
   * @throws IllegalArgumentException as {@link SparkTrainer#fit} for columns and values that cannot
   *     be trained on
   */
  public static Scaling standard(Dataset<Row> data, String... features) {
    FeatureColumns columns = FeatureColumns.of(data, List.of(features));
    int first = data.columns().length;
    FlatMapFunction<Iterator<Row>, Moments> sum =
        rows -> List.of(Moments.of(columns, first, rows)).iterator();
    Moments all = null;
    int partition = 0;
    for (Moments part :
        columns
            .append(data)
            .toJavaRDD()
            .mapPartitions(sum)
            .collect()) { // in order: the same bits each time
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
    if (all == null || all.count == 0)
      throw new IllegalArgumentException("there are no rows to find a scale of");
    double[] deviation = new double[all.mean.length];
    for (int i = 0; i < deviation.length; i++) {
      double d = Math.sqrt(all.squares[i] / all.count);
      deviation[i] = d > 0 ? d : 1;
    }
    return new Scaling(all.mean, deviation);
  }

  /** A new layer; float32. */
  public Standardize layer() {
    return new Standardize(Tensor.tensor(mean), Tensor.tensor(deviation));
  }

  /** A mean a feature number. */
  public double[] mean() {
    return mean.clone();
  }

  /** A deviation (divided by n) a feature number. */
  public double[] deviation() {
    return deviation.clone();
  }

  /** Count, means and summed squares of the distances to them; Welford's update, Chan's merge. */
  private static final class Moments implements Serializable {
    private static final long serialVersionUID = 1L;

    long count;
    int[] widths;
    double[] mean = {};
    double[] squares = {};
    RowProblem problem;

    static Moments of(FeatureColumns columns, int first, Iterator<Row> rows) {
      Moments m = new Moments();
      FeatureNumbers numbers = new FeatureNumbers(columns, first);
      float[] row = {};
      while (rows.hasNext() && m.problem == null) {
        m.problem = numbers.read(rows.next(), m.count);
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

    Moments plus(FeatureColumns columns, int partition, Moments other) {
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
}
