package io.sparkgrad.cluster.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.cluster.SparkCluster;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The regressor as a stage of Spark ML. */
class NeuralRegressorTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  private static NeuralRegressor regressor() {
    return new NeuralRegressor()
        .setCategoricalCols("port")
        .setFeaturesCols("age", "fare")
        .setLabelCol("price")
        .setNetwork(Networks.wideAndDeep(16))
        .setStepSize(0.01)
        .setMaxIter(15)
        .setBlockSize(32)
        .setNumWorkers(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"squaredError", "huber"})
  void learnsANumber(String loss) {
    Dataset<Row> data = Passengers.data(spark.session(), 600);
    NeuralRegressionModel model = regressor().setLoss(loss).fit(data);
    double r2 =
        new RegressionEvaluator()
            .setLabelCol("price")
            .setMetricName("r2")
            .evaluate(model.transform(data));
    assertTrue(r2 > 0.9, () -> "r2 " + r2);
  }

  @Test
  void wholeNumbersAreLearnedAsNumbers() {
    Dataset<Row> data = Passengers.data(spark.session(), 300).selectExpr("*", "int(price) n");
    NeuralRegressionModel model = regressor().setLabelCol("n").fit(data);
    assertTrue(model.summary().losses().get(14) < 0.5);
    assertEquals(
        data.columns().length, model.setPredictionCol("").transform(data).columns().length);
  }
}
