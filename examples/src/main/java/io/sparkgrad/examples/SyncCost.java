package io.sparkgrad.examples;

import io.sparkgrad.cluster.SparkTrainer;
import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.cluster.trained.ModelSupplier;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.optim.SGD;
import java.io.IOException;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What synchronous training costs beyond the gradients: the time of a step for a small net, the
 * bytes for a large one.
 */
public final class SyncCost {
  private static final int STEPS_AN_EPOCH = 23; // 1,437 rows in batches of 64

  private SyncCost() {}

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    int steps = options.integer("steps", 2_000);
    int workers = options.integer("workers", 2);
    options.rejectUnknown();

    try (SparkSession spark = SparkSession.builder().appName("sync-cost").getOrCreate()) {
      Dataset<Row> digits = Digits.train(Digits.load(spark)).cache();
      TrainingResult small =
          trainer(() -> new Sequential(new Linear(64, 32), new ReLU(), new Linear(32, 10)))
              .epochs((steps + STEPS_AN_EPOCH - 1) / STEPS_AN_EPOCH)
              .workers(workers)
              .fit(digits);
      System.out.printf(
          Locale.ROOT,
          "digits net, %d steps: the gradients take %.3f ms of a step, the rest %.3f ms (medians)%n",
          small.steps(),
          small.medianComputeMillis(),
          small.medianSyncMillis());

      TrainingResult large =
          trainer(
                  () ->
                      new Sequential(
                          new Linear(64, 980),
                          new ReLU(),
                          new Linear(980, 950),
                          new ReLU(),
                          new Linear(950, 10)))
              .epochs(1)
              .workers(workers)
              .fit(digits);
      System.out.printf(
          Locale.ROOT,
          "1,005,160 parameters, %d steps: wire bytes %d, optimum %d, ratio %.4f%n",
          large.steps(),
          large.wireBytes(),
          large.optimalWireBytes(),
          (double) large.wireBytes() / large.optimalWireBytes());
    }
  }

  private static SparkTrainer trainer(ModelSupplier model) {
    return SparkTrainer.of(model)
        .loss(Losses::crossEntropy)
        .optimizer(new SGD(0.01))
        .features("pixels")
        .label("digit")
        .rowOrder("row")
        .batchSize(64);
  }
}
