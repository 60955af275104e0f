package io.sparkgrad.examples;

import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.spark.SparkTrainer;
import io.sparkgrad.spark.TrainingResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Digits as data often comes: sorted by label, in 8 partitions of which one is empty and one holds
 * nine rows of ten. Or, with --gigabytes, more rows than the executors' memory holds.
 */
public final class UglyData {
  private UglyData() {}

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    double gigabytes = options.number("gigabytes", 0);
    options.rejectUnknown();

    try (SparkSession spark = SparkSession.builder().appName("ugly-data").getOrCreate()) {
      if (gigabytes > 0) trainLarge(spark, gigabytes);
      else trainSkewed(spark);
    }
  }

  private static void trainSkewed(SparkSession spark) {
    Dataset<Row> digits = Digits.load(spark);
    List<Row> sorted = Digits.train(digits).orderBy("digit", "row").collectAsList();
    int nineTenths = sorted.size() * 9 / 10;
    List<List<Row>> partitions = new ArrayList<>();
    partitions.add(List.of());
    partitions.add(sorted.subList(0, nineTenths));
    for (int i = 0; i < 6; i++) {
      int left = sorted.size() - nineTenths;
      partitions.add(sorted.subList(nineTenths + left * i / 6, nineTenths + left * (i + 1) / 6));
    }
    // Copies, since a view of a list cannot be sent.
    List<List<Row>> copies = new ArrayList<>();
    for (List<Row> p : partitions) copies.add(new ArrayList<>(p));
    Dataset<Row> skewed =
        spark.createDataFrame(
            JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(copies, copies.size())
                .flatMap(List::iterator),
            digits.schema());
    TrainingResult result =
        SparkTrainer.of(() -> new Sequential(new Linear(64, 32), new ReLU(), new Linear(32, 10)))
            .loss(Losses::crossEntropy)
            .optimizer(new SGD(0.1).momentum(0.9))
            .features("pixels")
            .label("digit")
            .batchSize(64)
            .epochs(40)
            .workers(4)
            .fit(skewed);
    System.out.printf(
        Locale.ROOT,
        "test accuracy %.4f%n",
        TrainDigits.accuracy(result.model(), Digits.test(digits).collectAsList()));
  }

  private static void trainLarge(SparkSession spark, double gigabytes) {
    int width = 250;
    long rows = (long) (gigabytes * 1e9 / (width * Float.BYTES));
    Dataset<Row> data =
        spark
            .range(0, rows, 1, 16)
            .selectExpr(
                "transform(sequence(1, "
                    + width
                    + "), i -> cast((id * i) % 17 / 17.0 AS float)) AS x",
                "id % 2 AS y");
    TrainingResult result =
        SparkTrainer.of(() -> new Linear(width, 2))
            .loss(Losses::crossEntropy)
            .optimizer(new SGD(0.01))
            .features("x")
            .label("y")
            .batchSize(4096)
            .workers(2)
            .fit(data);
    System.out.printf(
        Locale.ROOT,
        "%,d rows of %d numbers, %.1f GB: read in %.1f s, one epoch in %.1f s, loss %.4f%n",
        rows,
        width,
        gigabytes,
        result.readSeconds(),
        result.seconds(),
        result.losses().get(0));
  }
}
