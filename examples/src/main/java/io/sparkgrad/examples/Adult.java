package io.sparkgrad.examples;

import io.sparkgrad.cluster.Ids;
import io.sparkgrad.cluster.SparkTrainer;
import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.optim.Adam;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.GBTClassifier;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.feature.OneHotEncoder;
import org.apache.spark.ml.feature.StandardScaler;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Who earns more than 50,000 dollars a year? UCI Adult (CC BY 4.0): strings, numbers and missing
 * values; a DeepFM beside MLlib's logistic regression and gradient-boosted trees, on the same rows.
 */
public final class Adult {
  private static final String SCHEMA =
      "age int, workclass string, weight int, education string, years int, marital string, occupation string, relationship string, race string, sex string, gain int, loss int, hours int, country string, income string";
  static final String[] STRINGS = {
    "workclass", "education", "marital", "occupation", "relationship", "race", "sex", "country"
  };
  private static final String[] NUMBERS = {"age", "years", "gain", "loss", "hours"};

  private Adult() {}

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    Path folder = Path.of(options.string("data", "adult"));
    int epochs = options.integer("epochs", 12);
    int workers = options.integer("workers", 2);
    int batch = options.integer("batch", 256);
    double lr = options.number("lr", 1e-3);
    int size = options.integer("size", 8);
    int buckets = options.integer("buckets", 1 << 10);
    boolean peers = options.integer("peers", 1) > 0;
    options.rejectUnknown();
    requireFiles(folder);

    try (SparkSession spark = SparkSession.builder().appName("adult").getOrCreate()) {
      Dataset<Row> train = read(spark, folder.resolve("adult.data")).cache();
      Dataset<Row> test = read(spark, folder.resolve("adult.test")).cache();
      System.out.printf(
          Locale.ROOT, "%,d rows to learn from, %,d to test on%n", train.count(), test.count());
      String[] fields = Stream.of(STRINGS, bucketed()).flatMap(Stream::of).toArray(String[]::new);
      String[] scaled = Stream.of(NUMBERS).map(n -> n + "_scaled").toArray(String[]::new);
      SparkTrainer trainer =
          SparkTrainer.of(() -> new DeepFM(fields.length, buckets, scaled.length, size, 64, 0.2))
              .loss(Losses::bceWithLogits)
              .optimizer(new Adam(lr).weightDecay(1e-5))
              .input("ids", Ids.of(fields).hashed(buckets))
              .input("numbers", scaled)
              .label("rich")
              .rowOrder("row")
              .batchSize(batch)
              .epochs(epochs)
              .workers(workers)
              .onEpoch(
                  e ->
                      System.out.printf(
                          Locale.ROOT,
                          "epoch %d of %d  loss %.6f%n",
                          e.number(),
                          e.of(),
                          e.loss()));
      TrainingResult result = trainer.fit(train);
      TrainDigits.report(result);
      report("DeepFM", result.classify(test));
      if (!peers) return;
      report(
          "logistic regression", peer(new LogisticRegression(), true).fit(train).transform(test));
      report("gradient-boosted trees", peer(new GBTClassifier(), false).fit(train).transform(test));
    }
  }

  static void requireFiles(Path folder) {
    for (String file : List.of("adult.data", "adult.test"))
      if (!Files.isRegularFile(folder.resolve(file)))
        throw new Options.Wrong(
            "there is no %s in %s: download Adult from the UCI machine learning repository, and name its folder by --data"
                .formatted(file, folder.toAbsolutePath()));
  }

  /** Rows with a label of 0 or 1; what is missing is the string "?", a value like others. */
  static Dataset<Row> read(SparkSession spark, Path file) {
    Dataset<Row> rows =
        spark
            .read()
            .schema(SCHEMA)
            .option("ignoreLeadingWhiteSpace", true)
            .option("mode", "DROPMALFORMED") // a headline of the test file, and an empty line
            .csv(file.toUri().toString())
            .where("income is not null")
            .withColumn("rich", functions.expr("double(income like '>50K%')"))
            .withColumn("row", functions.monotonically_increasing_id());
    for (String number : NUMBERS) {
      Column n = functions.col(number);
      rows = rows.withColumn(number + "_id", bucket(number, n));
      rows = rows.withColumn(number + "_scaled", scaled(number, n));
    }
    return rows;
  }

  private static String[] bucketed() {
    return Stream.of(NUMBERS).map(n -> n + "_id").toArray(String[]::new);
  }

  /* Gains and losses are 0 or some of a hundred sums; the others are small whole numbers. */
  private static Column bucket(String name, Column n) {
    return switch (name) {
      case "age", "hours" -> functions.floor(n.divide(3));
      default -> n;
    };
  }

  private static Column scaled(String name, Column n) {
    return switch (name) {
      case "gain", "loss" -> functions.log1p(n).divide(10);
      default -> n.divide(100);
    };
  }

  /** MLlib's habit: strings as indices, for a linear model as single ones, all in one vector. */
  static Pipeline peer(PipelineStage classifier, boolean linear) {
    String[] indices = Stream.of(STRINGS).map(s -> s + "_index").toArray(String[]::new);
    String[] ones = Stream.of(STRINGS).map(s -> s + "_one").toArray(String[]::new);
    List<PipelineStage> stages = new ArrayList<>();
    stages.add(
        new StringIndexer().setInputCols(STRINGS).setOutputCols(indices).setHandleInvalid("keep"));
    if (linear) stages.add(new OneHotEncoder().setInputCols(indices).setOutputCols(ones));
    String[] columns =
        Stream.of(linear ? ones : indices, NUMBERS).flatMap(Stream::of).toArray(String[]::new);
    stages.add(new VectorAssembler().setInputCols(columns).setOutputCol("all"));
    stages.add(new StandardScaler().setInputCol("all").setOutputCol("features"));
    stages.add(classifier);
    classifier.set(classifier.getParam("labelCol"), "rich");
    if (classifier instanceof GBTClassifier trees) trees.setMaxBins(64).setMaxIter(50).setSeed(0);
    return new Pipeline().setStages(stages.toArray(new PipelineStage[0]));
  }

  static void report(String name, Dataset<Row> scored) {
    double auc = new BinaryClassificationEvaluator().setLabelCol("rich").evaluate(scored);
    double right = scored.where("prediction = rich").count() / (double) Math.max(1, scored.count());
    System.out.printf(Locale.ROOT, "%s: test AUC %.4f, accuracy %.4f%n", name, auc, right);
  }
}
