package io.sparkgrad.examples;

import io.sparkgrad.cluster.ml.Networks;
import io.sparkgrad.cluster.ml.NeuralClassifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.GBTClassifier;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * UCI Adult by Spark ML alone: a Pipeline of SQL and a DeepFM, its step size found by
 * CrossValidator, saved, and read again by {@code --load} in another process.
 */
public final class AdultPipeline {
  /* A number is one of the numbers, and a category: incomes do not grow with it evenly. */
  private static final String SQL =
      "select *, int(age / 3) age_band, int(hours / 3) hours_band, log1p(gain) log_gain, log1p(loss) log_loss from __THIS__";
  private static final String[] NUMBERS = {"age", "years", "log_gain", "log_loss", "hours"};
  private static final String[] CATEGORIES = {"age_band", "years", "gain", "loss", "hours_band"};

  private AdultPipeline() {}

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    Path folder = Path.of(options.string("data", "adult"));
    String saved = options.string("model", "adult-model");
    boolean load = options.flag("load");
    int epochs = options.integer("epochs", 5);
    int folds = options.integer("folds", 2);
    int workers = options.integer("workers", 2);
    boolean peers = options.integer("peers", 1) > 0;
    options.rejectUnknown();
    Adult.requireFiles(folder);

    try (SparkSession spark = SparkSession.builder().appName("adult-pipeline").getOrCreate()) {
      Dataset<Row> test = Adult.read(spark, folder.resolve("adult.test")).cache();
      if (load) {
        report("the loaded pipeline", PipelineModel.load(saved).transform(test));
        return;
      }
      Dataset<Row> train = Adult.read(spark, folder.resolve("adult.data")).cache();
      NeuralClassifier classifier =
          new NeuralClassifier()
              .setFeaturesCols(NUMBERS)
              .setCategoricalCols(
                  Stream.of(Adult.STRINGS, CATEGORIES).flatMap(Stream::of).toArray(String[]::new))
              .setLabelCol("rich")
              .setNetwork(Networks.deepFM(64, 64).embedding(8).dropout(0.2))
              .setBlockSize(256)
              .setMaxIter(epochs)
              .setNumWorkers(workers);
      SQLTransformer columns = new SQLTransformer().setStatement(SQL);
      ParamMap[] grid =
          new ParamGridBuilder().addGrid(classifier.stepSize(), new double[] {1e-4, 1e-3}).build();
      CrossValidatorModel found =
          new CrossValidator()
              .setEstimator(new Pipeline().setStages(new PipelineStage[] {columns, classifier}))
              .setEvaluator(new BinaryClassificationEvaluator().setLabelCol("rich"))
              .setEstimatorParamMaps(grid)
              .setNumFolds(folds)
              .setParallelism(2)
              .setSeed(0)
              .fit(train);
      for (int i = 0; i < grid.length; i++)
        System.out.printf(
            Locale.ROOT,
            "step size %s: cross-validated AUC %.4f%n",
            grid[i].apply(classifier.stepSize()),
            found.avgMetrics()[i]);
      PipelineModel best = (PipelineModel) found.bestModel();
      report("DeepFM in a Pipeline", best.transform(test));
      best.write().overwrite().save(saved);
      System.out.printf("saved in %s%n", saved);
      if (!peers) return;
      report(
          "logistic regression",
          Adult.peer(new LogisticRegression(), true).fit(train).transform(test));
      report(
          "gradient-boosted trees",
          Adult.peer(new GBTClassifier(), false).fit(train).transform(test));
    }
  }

  /** Prints the AUC and a sum over all probabilities, which another process must find again. */
  private static void report(String name, Dataset<Row> scored) {
    Adult.report(name, scored);
    double sum =
        scored
            .select(
                functions.vector_to_array(scored.col("probability"), "float64").getItem(1).as("p"))
            .selectExpr("sum(p)")
            .head()
            .getDouble(0);
    System.out.printf(Locale.ROOT, "%s: sum of probabilities %.4f%n", name, sum);
  }
}
