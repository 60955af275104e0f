package io.sparkgrad.examples;

import io.sparkgrad.cluster.SparkTrainer;
import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.optim.SGD;
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
 * nine rows of ten.
 */
public final class UglyData {
  private UglyData() {}

  public static void main(String[] args) throws IOException {
    Options.of(args).rejectUnknown();

    try (SparkSession spark = SparkSession.builder().appName("ugly-data").getOrCreate()) {
      train(spark);
    }
  }

  private static void train(SparkSession spark) {
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
}
