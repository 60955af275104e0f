package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metrics;
import java.util.Map;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Metrics of the validation set are those of MLlib's evaluators on the same predictions. */
class MetricsAsMllibTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  private static Dataset<Row> binary(Dataset<Row> data) {
    return data.withColumn("is", functions.expr("int(class = 1)"));
  }

  @Test
  void ofTwoClasses() {
    Dataset<Row> validation = binary(PlainLoop.validation(spark.session(), 3));
    TrainingResult result =
        PlainLoop.trainer(4, () -> new Linear(PlainLoop.WIDTH, 1))
            .label("is")
            .loss(Losses::bceWithLogits)
            .validate(validation)
            .metric("auc", Metrics.areaUnderRoc())
            .metric("pr", Metrics.areaUnderPr())
            .metric("precision", Metrics.precision(1))
            .metric("recall", Metrics.recall(1))
            .metric("f1", Metrics.f1(1))
            .fit(binary(PlainLoop.data(spark.session(), 2)));
    Dataset<Row> scored = result.classify(validation);
    Map<String, Double> last = result.history().get(PlainLoop.EPOCHS - 1).metrics();
    assertEquals(
        new BinaryClassificationEvaluator().setLabelCol("is").setNumBins(0).evaluate(scored),
        last.get("auc"),
        1e-12);
    assertEquals(underPr("is").evaluate(scored), last.get("pr"), 1e-12);
    Map.of("precision", "precisionByLabel", "recall", "recallByLabel", "f1", "fMeasureByLabel")
        .forEach(
            (ours, theirs) ->
                assertEquals(
                    new MulticlassClassificationEvaluator()
                        .setLabelCol("is")
                        .setMetricName(theirs)
                        .setMetricLabel(1)
                        .evaluate(scored),
                    last.get(ours),
                    1e-12,
                    ours));
  }

  private static Dataset<Row> weighted(Dataset<Row> data) {
    return binary(data)
        .withColumn("w", functions.expr("double(row % 4) / 3 + if(row % 7 = 0, 2, 0)"));
  }

  @Test
  void ofRowsWithWeights() {
    Dataset<Row> validation = weighted(PlainLoop.validation(spark.session(), 3));
    TrainingResult two =
        PlainLoop.trainer(4, () -> new Linear(PlainLoop.WIDTH, 1))
            .label("is")
            .weight("w")
            .loss(Losses::bceWithLogits)
            .validate(validation)
            .metric("auc", Metrics.areaUnderRoc())
            .metric("pr", Metrics.areaUnderPr())
            .metric("precisionByLabel", Metrics.precision(1))
            .metric("recallByLabel", Metrics.recall(1))
            .metric("fMeasureByLabel", Metrics.f1(1))
            .fit(weighted(PlainLoop.data(spark.session(), 2)));
    Dataset<Row> scored = withFloatWeights(two.classify(validation));
    Map<String, Double> last = two.history().get(PlainLoop.EPOCHS - 1).metrics();
    assertEquals(
        new BinaryClassificationEvaluator()
            .setLabelCol("is")
            .setWeightCol("w")
            .setNumBins(0)
            .evaluate(scored),
        last.get("auc"),
        1e-12);
    assertEquals(underPr("is").setWeightCol("w").evaluate(scored), last.get("pr"), 1e-12);
    last.forEach(
        (name, ours) -> {
          if (!name.equals("auc") && !name.equals("pr"))
            assertEquals(ofClasses("is", name).evaluate(scored), ours, 1e-12, name);
        });
    TrainingResult three =
        PlainLoop.trainer(3)
            .weight("w")
            .validate(validation)
            .metric("accuracy", Metrics::accuracy)
            .metric("top1", Metrics.topK(1))
            .fit(weighted(PlainLoop.data(spark.session(), 2)));
    double accuracy =
        ofClasses("class", "accuracy").evaluate(withFloatWeights(three.classify(validation)));
    assertEquals(accuracy, three.metrics().get("accuracy").get(2), 1e-12);
    assertEquals(accuracy, three.metrics().get("top1").get(2), 1e-12);
  }

  private static BinaryClassificationEvaluator underPr(String label) {
    return new BinaryClassificationEvaluator()
        .setLabelCol(label)
        .setMetricName("areaUnderPR")
        .setNumBins(0);
  }

  /** A weight reaches metrics as float32. */
  private static Dataset<Row> withFloatWeights(Dataset<Row> data) {
    return data.withColumn("w", functions.expr("double(float(w))"));
  }

  private static MulticlassClassificationEvaluator ofClasses(String label, String metric) {
    return new MulticlassClassificationEvaluator()
        .setLabelCol(label)
        .setWeightCol("w")
        .setMetricName(metric)
        .setMetricLabel(1);
  }

  @Test
  void ofNumbersWithWeights() {
    Dataset<Row> data =
        weighted(PlainLoop.data(spark.session(), 2))
            .withColumn("y", functions.expr("float(x[0] * 2 + x[3])"));
    TrainingResult result =
        PlainLoop.trainer(3, () -> new Linear(PlainLoop.WIDTH, 1))
            .label("y")
            .weight("w")
            .loss(Losses::mse)
            .validate(data)
            .metric("rmse", Metrics.rmse())
            .metric("r2", Metrics.r2())
            .metric("mae", Metrics::meanAbsoluteError)
            .epochs(1)
            .fit(data);
    Dataset<Row> predicted =
        withFloatWeights(result.predict(data)).withColumn("y", functions.expr("double(y)"));
    result
        .history()
        .get(0)
        .metrics()
        .forEach(
            (name, ours) ->
                assertEquals(
                    new RegressionEvaluator()
                        .setLabelCol("y")
                        .setWeightCol("w")
                        .setMetricName(name)
                        .evaluate(predicted),
                    ours,
                    1e-12,
                    name));
  }

  @Test
  void ofNumbers() {
    Dataset<Row> train =
        PlainLoop.data(spark.session(), 2).withColumn("y", functions.expr("x[0] * 2 + x[3]"));
    TrainingResult result =
        PlainLoop.trainer(3, () -> new Linear(PlainLoop.WIDTH, 1))
            .label("y")
            .loss(Losses::mse)
            .validate(train)
            .metric("rmse", Metrics.rmse())
            .metric("r2", Metrics.r2())
            .metric("mae", Metrics::meanAbsoluteError)
            .epochs(1)
            .fit(train);
    Dataset<Row> predicted = result.predict(train);
    result
        .history()
        .get(0)
        .metrics()
        .forEach(
            (name, ours) ->
                assertEquals(
                    new RegressionEvaluator()
                        .setLabelCol("y")
                        .setMetricName(name)
                        .evaluate(predicted),
                    ours,
                    1e-5,
                    name));
  }
}
