package io.sparkgrad.cluster;

import static org.apache.spark.sql.functions.expr;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.cluster.trained.TrainedModel;
import io.sparkgrad.nn.FlatParameters;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that cannot be read fail a fit, or are left out, or are kept as NaN. */
class InvalidRowsTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();
  private static final String BAD = "row in (0, 5, 17, 18, 100, 330)";

  @AfterEach
  void nothingStaysPersisted() {
    assertEquals(Map.of(), spark.context().getPersistentRDDs());
  }

  /** Rows 0, 5, 17, 18, 100 and 330 are wrong, each in its own way. */
  private static Dataset<Row> data(int partitions) {
    return PlainLoop.data(spark.session(), partitions)
        .withColumn(
            "x",
            expr(
                "case row when 5 then null when 17 then array(float('NaN'), x[1], x[2], x[3], x[4], x[5], x[6], x[7])"
                    + " when 0 then slice(x, 1, 7) when 18 then array_append(x, null) else x end"))
        .withColumn("class", expr("if(row = 330, null, class)"))
        .withColumn("w", expr("if(row = 100, -1, 1)"));
  }

  private static SparkTrainer trainer(String invalid) {
    return PlainLoop.trainer(3).weight("w").handleInvalid(invalid);
  }

  private static float[] numbers(TrainingResult result) {
    return new FlatParameters(result.model()).toFloats();
  }

  @ParameterizedTest
  @ValueSource(strings = {"skip", "keep"})
  void thoseLeftOutAreAsIfTheyHadNotBeenThere(String invalid) {
    TrainingResult without =
        trainer("error").validate(data(3).where("not " + BAD)).fit(data(2).where("not " + BAD));
    TrainingResult skipped = trainer(invalid).validate(data(1)).fit(data(4));
    assertArrayEquals(numbers(without), numbers(skipped));
    assertEquals(without.validationLosses().get(2), skipped.validationLosses().get(2), 1e-12);
    assertEquals(6, skipped.skippedRows());
    assertEquals(0, without.skippedRows());
  }

  @Test
  void byDefaultTheFirstOneIsNamed() {
    String text =
        assertThrows(
                IllegalArgumentException.class,
                () -> PlainLoop.trainer(3).fit(data(2).where("row <> 0")))
            .getMessage();
    assertTrue(text.startsWith("column 'x' is null in row 4 ("), text);
    assertEquals(
        "handleInvalid must be one of error, skip, keep, got 'drop'",
        assertThrows(IllegalArgumentException.class, () -> trainer("drop")).getMessage());
  }

  @Test
  void whereNoneCanBeReadTheFirstIsNamed() {
    String text =
        assertThrows(
                IllegalArgumentException.class,
                () -> trainer("skip").fit(data(2).withColumn("class", expr("cast(null as int)"))))
            .getMessage();
    assertTrue(
        text.startsWith(
            "331 of 331 rows could not be read and were left out, the first because column "),
        text);
  }

  @Test
  void predictionKeepsThemAsNanOrLeavesThemOutAlsoOfASavedModel(@TempDir Path folder) {
    TrainingResult result = trainer("keep").fit(data(2));
    String file = folder.resolve("kept.safetensors").toString();
    result.save(file);
    TrainedModel read = TrainedModel.load(PlainLoop::model, file);
    Dataset<Row> all = data(3).where("row < 20");
    List<Row> kept = read.classify(all).orderBy("row").collectAsList();
    assertEquals(20, kept.size());
    Dataset<Row> good = all.where("not " + BAD);
    List<Row> expected = result.classify(good).orderBy("row").collectAsList();
    int next = 0;
    for (Row row : kept) {
      double prediction = row.getDouble(row.fieldIndex("prediction"));
      Vector scores = row.getAs("rawPrediction");
      if (List.of(0L, 5L, 17L, 18L).contains(row.getLong(0))) {
        assertTrue(Double.isNaN(prediction));
        assertEquals(3, scores.size());
        assertTrue(Double.isNaN(scores.apply(1)));
      } else {
        assertEquals(scores, expected.get(next++).<Vector>getAs("rawPrediction"));
      }
    }
    Dataset<Row> left = read.handleInvalid("skip").predict(all);
    assertEquals(16, left.count());
    assertEquals(16, left.select("row").collectAsList().size());
    assertEquals(16, left.collectAsList().size());
    assertEquals(16, left.where("row >= 0").select("prediction").collectAsList().size());
    Dataset<Row> strict = read.handleInvalid("error").predict(all);
    Exception e = assertThrows(Exception.class, strict::collectAsList);
    assertTrue(
        String.valueOf(e.getCause() == null ? e : e.getCause()).contains("column 'x'"),
        e.toString());
  }

  @Test
  void aPartitionOfThemAloneGivesNothing() {
    Dataset<Row> bad = data(1).where(BAD);
    TrainedModel model = trainer("skip").fit(data(2)).trained();
    assertEquals(0, model.predict(bad.where("row < 20")).count());
    assertEquals(
        4,
        model
            .handleInvalid("keep")
            .predict(bad.where("row < 20"))
            .where("isnan(prediction[0])")
            .count());
  }
}
