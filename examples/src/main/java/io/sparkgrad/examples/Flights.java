package io.sparkgrad.examples;

import io.sparkgrad.cluster.Ids;
import io.sparkgrad.cluster.SparkTrainer;
import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metrics;
import io.sparkgrad.optim.Adagrad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.feature.FeatureHasher;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Which flight is late by more than 15 minutes? Three million flights of the USA in 2001, January
 * to May to learn from, June to test on: a DeepFM whose tables stay rows, of which a step reads and
 * moves those that it looks up, beside MLlib's logistic regression on the same fields.
 */
public final class Flights {
  private static final String FILE = "flights-3m.parquet";
  private static final String[] FIELDS = {
    "weekday",
    "hour",
    "origin",
    "destination",
    "miles",
    "route",
    "origin_hour",
    "destination_hour",
    "weekday_hour",
    "origin_weekday",
    "destination_weekday"
  };

  private Flights() {}

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    Path folder = Path.of(options.string("data", "flights"));
    int epochs = options.integer("epochs", 3);
    int workers = options.integer("workers", 2);
    int batch = options.integer("batch", 2048);
    double lr = options.number("lr", 0.05);
    int size = options.integer("size", 16);
    int buckets = options.integer("buckets", 1 << 14);
    double part = options.number("part", 1);
    boolean peers = options.integer("peers", 1) > 0;
    options.rejectUnknown();
    if (!Files.isRegularFile(folder.resolve(FILE)))
      throw new Options.Wrong(
          "there is no %s in %s: npm's package vega-datasets has it in data; name its folder by --data"
              .formatted(FILE, folder.toAbsolutePath()));

    try (SparkSession spark = SparkSession.builder().appName("deepfm").getOrCreate()) {
      Dataset<Row> flights = read(spark, folder.resolve(FILE));
      Dataset<Row> train = flights.where("month < 6");
      Dataset<Row> test = flights.where("month = 6");
      if (part < 1) train = train.sample(part, 0);
      TrainingResult result =
          SparkTrainer.of(() -> DeepFM.ofRows(FIELDS.length, buckets, 1, size, 64, 0.0))
              .loss(Losses::bceWithLogits)
              .optimizer(new Adagrad(lr))
              .input("ids", Ids.of(FIELDS).hashed(buckets))
              .input("numbers", "thousand_miles")
              .label("late")
              .batchSize(batch)
              .epochs(epochs)
              .workers(workers)
              .validate(test)
              .metric("AUC", Metrics.areaUnderRoc())
              .onEpoch(
                  e ->
                      System.out.printf(
                          Locale.ROOT,
                          "epoch %d of %d  loss %.6f  test AUC %.4f%n",
                          e.number(),
                          e.of(),
                          e.loss(),
                          e.metrics().get("AUC")))
              .fit(train);
      TrainDigits.report(result);
      report("DeepFM", result.classify(test));
      if (peers) report("logistic regression", peer().fit(train).transform(test));
    }
  }

  /** Fields as texts, the crosses too, and a label of 0 or 1. */
  private static Dataset<Row> read(SparkSession spark, Path file) {
    return spark
        .read()
        .parquet(file.toUri().toString())
        .selectExpr(
            "double(delay > 15) AS late",
            "month(date) AS month",
            "string(weekday(date)) AS weekday",
            "string(hour(date)) AS hour",
            "origin",
            "destination",
            "string(int(distance / 100)) AS miles",
            "distance / 1000 AS thousand_miles")
        .withColumn("route", cross("origin", "destination"))
        .withColumn("origin_hour", cross("origin", "hour"))
        .withColumn("destination_hour", cross("destination", "hour"))
        .withColumn("weekday_hour", cross("weekday", "hour"))
        .withColumn("origin_weekday", cross("origin", "weekday"))
        .withColumn("destination_weekday", cross("destination", "weekday"));
  }

  private static Column cross(String a, String b) {
    return functions.concat_ws(" ", functions.col(a), functions.col(b));
  }

  private static Pipeline peer() {
    List<String> columns = new ArrayList<>(List.of(FIELDS));
    columns.add("thousand_miles");
    FeatureHasher hasher =
        new FeatureHasher()
            .setInputCols(columns.toArray(new String[0]))
            .setNumFeatures(1 << 17)
            .setOutputCol("features");
    LogisticRegression linear = new LogisticRegression().setLabelCol("late").setMaxIter(30);
    return new Pipeline().setStages(new PipelineStage[] {hasher, linear});
  }

  private static void report(String name, Dataset<Row> scored) {
    double auc = new BinaryClassificationEvaluator().setLabelCol("late").evaluate(scored);
    System.out.printf(Locale.ROOT, "%s: test AUC %.4f%n", name, auc);
  }
}
