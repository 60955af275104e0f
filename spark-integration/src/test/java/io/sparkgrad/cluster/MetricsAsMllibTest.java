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
