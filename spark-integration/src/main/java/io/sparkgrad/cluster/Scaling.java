package io.sparkgrad.cluster;

import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.ingest.FeatureMoments;
import io.sparkgrad.nn.Standardize;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Mean and standard deviation of every feature, from one pass over the data, for a model's first
 * layer. The scale becomes a part of the model: it is saved with it, and prediction does not read
 * the training data again.
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
   * Reads the features once, in the executors. A feature that never varies gets deviation 1.
   *
   * @throws IllegalArgumentException as {@link SparkTrainer#fit} for columns and values that cannot
   *     be trained on
   */
  public static Scaling standard(Dataset<Row> data, String... features) {
    FeatureMoments all = FeatureMoments.of(data, List.of(features));
    if (all.count() == 0)
      throw new IllegalArgumentException("there are no rows to find a scale of");
    return new Scaling(all.mean(), all.deviation());
  }

  /** Makes the layer, in float32: {@code [rows, width] -> [rows, width]}. */
  public Standardize layer() {
    return new Standardize(Tensor.tensor(mean), Tensor.tensor(deviation));
  }

  /** The mean of each feature number, {@code [width]}. */
  public double[] mean() {
    return mean.clone();
  }

  /** The standard deviation (divided by n) of each feature number, {@code [width]}. */
  public double[] deviation() {
    return deviation.clone();
  }

  @Override
  public String toString() {
    return "Scaling(mean %s, deviation %s)"
        .formatted(Arrays.toString(mean), Arrays.toString(deviation));
  }
}
