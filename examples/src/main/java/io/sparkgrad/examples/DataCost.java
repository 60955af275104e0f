package io.sparkgrad.examples;

import io.sparkgrad.cluster.SparkTrainer;
import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.optim.SGD;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What the count of workers costs, and reading rows beside Spark's own walk over them. */
public final class DataCost {
  private static final int[] WORKERS = {2, 4, 16, 32};

  private DataCost() {}

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    int epochs = options.integer("epochs", 20);
    int repeats = options.integer("repeats", 3);
    int rows = options.integer("rows", 200_000);
    options.rejectUnknown();

    try (SparkSession spark = SparkSession.builder().appName("data-cost").getOrCreate()) {
      Dataset<Row> digits = Digits.train(Digits.load(spark)).cache();
      trainer(2, 1).fit(digits); // warms up
      for (int workers : WORKERS) {
        double[] speeds = new double[repeats];
        for (int r = 0; r < repeats; r++)
          speeds[r] = trainer(workers, epochs).fit(digits).rowsPerSecond();
        System.out.printf(
            Locale.ROOT,
            "digits, %2d workers: %,.0f rows/s (median of %d)%n",
            workers,
            median(speeds),
            repeats);
      }
      ingest(spark, rows, repeats);
    }
  }

  private static void ingest(SparkSession spark, int rows, int repeats) {
    Dataset<Row> data =
        spark
            .range(rows)
            .selectExpr(
                "transform(sequence(1, 64), i -> cast(id % i AS float)) AS x", "id % 10 AS y")
            .cache();
    data.count();
    double[] read = new double[repeats];
    double[] noop = new double[repeats];
    for (int r = 0; r < repeats; r++) { // in pairs, so that a busy machine slows both
      long start = System.nanoTime();
      data.write().format("noop").mode("overwrite").save();
      noop[r] = (System.nanoTime() - start) / 1e9;
      TrainingResult result =
          SparkTrainer.of(() -> new Linear(64, 10))
              .loss(Losses::crossEntropy)
              .optimizer(new SGD(0))
              .features("x")
              .label("y")
              .batchSize(rows)
              .workers(2)
              .fit(data);
      read[r] = result.readSeconds();
    }
    System.out.printf(
        Locale.ROOT,
        "reading %,d rows of 64 numbers: %.2f s, %,.0f rows/s; Spark's noop write %.2f s, %,.0f rows/s (medians of %d)%n",
        rows,
        median(read),
        rows / median(read),
        median(noop),
        rows / median(noop),
        repeats);
  }

  private static SparkTrainer trainer(int workers, int epochs) {
    return SparkTrainer.of(() -> new Sequential(new Linear(64, 32), new ReLU(), new Linear(32, 10)))
        .loss(Losses::crossEntropy)
        .optimizer(new SGD(0.1).momentum(0.9))
        .features("pixels")
        .label("digit")
        .rowOrder("row")
        .batchSize(64)
        .epochs(epochs)
        .workers(workers);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
