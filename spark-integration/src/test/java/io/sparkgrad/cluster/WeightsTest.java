package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Metric;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A row counts as often as its weight says. */
class WeightsTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  private static Dataset<Row> weighted(String weight) {
    return PlainLoop.data(spark.session(), 2).withColumn("w", functions.expr(weight));
  }

  /** All rows in each step. */
  private static SparkTrainer whole() {
    return PlainLoop.trainer(2).batchSize(1000).epochs(4);
  }

  @Test
  void asRowsThatComeAsOften() {
    Dataset<Row> data = weighted("double(row % 3)");
    Dataset<Row> often =
        data.withColumn("again", functions.expr("explode(array_repeat(0, int(w)))"));
    TrainingResult byWeight = whole().weight("w").validate(data).fit(data);
    TrainingResult byRows = whole().validate(often).fit(often);
    assertClose(byRows.losses(), byWeight.losses());
    assertClose(byRows.validationLosses(), byWeight.validationLosses());
    assertArrayEquals(numbers(byRows), numbers(byWeight), 1e-5f);
    assertEquals(List.of("x"), byWeight.trained().facts().features());
    assertEquals(PlainLoop.ROWS, byWeight.classify(data.drop("w")).count());
  }

  private static void assertClose(List<Double> expected, List<Double> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) assertEquals(expected.get(i), actual.get(i), 1e-5);
  }

  private static float[] numbers(TrainingResult result) {
    return new FlatParameters(result.model()).toFloats();
  }

  @Test
  void aNegativeWeightIsNamedByItsRow() {
    String text = refused(whole().weight("w"), weighted("if(row = 40, -1.5, 1)"));
    assertTrue(text.startsWith("weight column 'w' is -1.5 in row 40"), text);
    assertEquals(
        "weight column 'w' is of type string: a weight is one number a row",
        refused(whole().weight("w"), weighted("'much'")));
  }

  @Test
  void aLossThatDoesNotKnowItsRowsSaysSo() {
    Loss own = (output, target) -> new Loss.Value(output.square().sum(), target.numel());
    String text = refused(whole().loss(own).weight("w"), weighted("1"));
    assertTrue(text.contains("rows cannot be weighted: take one of Losses, or weigh by"), text);
  }

  @Test
  void aMetricThatDoesNotKnowItsRowsSaysSo() {
    Dataset<Row> data = weighted("1");
    SparkTrainer own =
        whole()
            .weight("w")
            .validate(data)
            .metric("own", (output, target) -> new Metric.Value(output.sum().item(), 1));
    String text = refused(own, data);
    assertTrue(text.contains("metric 'own'"), text);
    assertTrue(
        text.contains("take one of Metrics, or make its value by Metric.Value.ofEach"), text);
    own.metric("own", (output, target) -> Metric.Value.ofEach(Tensor.ones(target.size(0), 2)));
    assertEquals(1, own.fit(data).metrics().get("own").get(0));
  }

  @Test
  void whereNoRowCountsTheRunSaysSo() {
    TrainingException e =
        assertThrows(TrainingException.class, () -> whole().weight("w").fit(weighted("0")));
    assertTrue(e.getMessage().contains("no row counts in epoch 1"), e.getMessage());
  }

  private static String refused(SparkTrainer trainer, Dataset<Row> data) {
    return assertThrows(IllegalArgumentException.class, () -> trainer.fit(data)).getMessage();
  }
}
