package io.sparkgrad.examples;

import io.sparkgrad.cluster.SparkTrainer;
import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.optim.SGD;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What synchronous training costs beyond the gradients: the time of a step, and its bytes, for nets
 * of growing size, beside what Spark's network layer takes for as many bytes.
 */
public final class SyncCost {

  private SyncCost() {}

  public static void main(String[] args) throws Exception {
    Options options = Options.of(args);
    int steps = options.integer("steps", 2_000);
    int workers = options.integer("workers", 2);
    options.rejectUnknown();

    try (SparkSession spark = SparkSession.builder().appName("sync-cost").getOrCreate()) {
      Dataset<Row> digits = Digits.train(Digits.load(spark)).cache();
      TrainingResult result = train(digits, 32, 0, 64, steps, workers);
      System.out.printf(
          Locale.ROOT,
          "digits net, %d steps: the gradients take %.3f ms of a step, the rest %.3f ms (medians)%n",
          result.steps(),
          result.medianComputeMillis(),
          result.medianSyncMillis());
      Dataset<Row> few = digits.limit(128).cache();
      compare(spark, few, 250, 240, steps / 2, workers);
      compare(spark, few, 980, 950, steps / 4, workers);
      compare(spark, few, 3150, 3100, steps / 20, workers);
    }
  }

  /** Prints a step of a net with two hidden layers, beside a round trip of half its bytes. */
  private static void compare(
      SparkSession spark, Dataset<Row> rows, int first, int second, int steps, int workers)
      throws Exception {
    int parameters = 65 * first + (first + 1) * second + 10 * (second + 1);
    TrainingResult result = train(rows, first, second, 2, steps, workers);
    double raw =
        result.wireBytes() == 0
            ? Double.NaN
            : RoundTrip.medianMillis(
                JavaSparkContext.fromSparkContext(spark.sparkContext()), parameters * 2);
    System.out.printf(
        Locale.ROOT,
        "%,d parameters, %d steps: compute %.3f ms, synchronise %.3f ms; a round trip of the bytes %.3f ms (medians); wire bytes %d, optimum %d, ratio %.4f%n",
        parameters,
        result.steps(),
        result.medianComputeMillis(),
        result.medianSyncMillis(),
        raw,
        result.wireBytes(),
        result.optimalWireBytes(),
        (double) result.wireBytes() / result.optimalWireBytes());
  }

  private static TrainingResult train(
      Dataset<Row> rows, int first, int second, int batch, int steps, int workers) {
    long perEpoch = (rows.count() + batch - 1) / batch;
    return SparkTrainer.of(
            () ->
                second == 0
                    ? new Sequential(new Linear(64, first), new ReLU(), new Linear(first, 10))
                    : new Sequential(
                        new Linear(64, first),
                        new ReLU(),
                        new Linear(first, second),
                        new ReLU(),
                        new Linear(second, 10)))
        .loss(Losses::crossEntropy)
        .optimizer(new SGD(0.01))
        .features("pixels")
        .label("digit")
        .rowOrder("row")
        .batchSize(batch)
        .epochs((int) ((steps + perEpoch - 1) / perEpoch))
        .workers(workers)
        .fit(rows);
  }
}
