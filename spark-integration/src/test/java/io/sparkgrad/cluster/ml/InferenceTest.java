package io.sparkgrad.cluster.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.cluster.SparkCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A trained model predicts data frames, streams, in SQL, and single rows. */
class InferenceTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();
  @TempDir Path folder;

  private static NeuralClassificationModel model; // of a vector alone
  private static NeuralClassificationModel ofColumns;
  private static NeuralRegressionModel regression;

  @BeforeAll
  static void fit() {
    NeuralClassifier classifier = new NeuralClassifier().setNumWorkers(1).setMaxIter(2);
    model = classifier.fit(data());
    ofColumns = classifier.setFeaturesCols("age", "fare").setCategoricalCols("port").fit(data());
    regression = new NeuralRegressor().setLabelCol("price").setMaxIter(1).fit(data());
  }

  private static Dataset<Row> data() {
    return Passengers.data(spark.session(), 200);
  }

  @Test
  void aSingleRowIsPredictedAsInADataFrame() {
    for (Row row : ofColumns.transform(data()).limit(20).collectAsList()) {
      Object[] cells = {row.getAs("age"), row.getAs("fare"), row.getAs("port")};
      assertEquals(row.<Double>getAs("prediction"), ofColumns.predict(cells));
      assertClose(row.getAs("probability"), ofColumns.predictProbability(cells));
      assertClose(row.getAs("rawPrediction"), ofColumns.predictRaw(cells));
      Map<String, Object> named = new HashMap<>();
      for (String column : row.schema().fieldNames()) named.put(column, row.getAs(column));
      assertEquals(row.<Double>getAs("prediction"), ofColumns.predict(named));
    }
    for (Row row : regression.transform(data()).limit(20).collectAsList())
      assertEquals(
          row.<Double>getAs("prediction"), regression.predict(row.<Vector>getAs("features")), 1e-5);
  }

  /* One row is multiplied by another kernel than many. */
  private static void assertClose(Vector expected, Vector found) {
    assertArrayEquals(expected.toArray(), found.toArray(), 1e-5);
  }

  @Test
  void numbersMayComeInAnyForm() {
    double expected = regression.predict(Vectors.dense(30, 250));
    assertEquals(expected, regression.predict(new double[] {30, 250}));
    assertEquals(expected, regression.predict(new float[] {30, 250}));
    assertEquals(expected, regression.predict(List.of(30, 250L)));
    assertEquals(
        expected, regression.predict(Vectors.sparse(2, new int[] {0, 1}, new double[] {30, 250})));
    assertEquals(ofColumns.predict(30, 250L, "gone"), ofColumns.predict(30.0, 250f, "never seen"));
  }

  @Test
  void whatCannotBeReadOfARowNamesTheColumn() {
    refused("the model reads the columns [age, fare, port], and a row of 1 cells is given", 1.0);
    refused("column 'age' is null", null, 1.0, "west");
    refused("column 'age' has null among its numbers", Arrays.asList(1, null), 1.0, "west");
    refused("column 'fare' is NaN", 1.0, Double.NaN, "west");
    refused("column 'age' has 2 numbers where the model takes 1", List.of(1, 2), 1.0, "west");
    refused("column 'age' is the string 'old'", "old", 1.0, "west");
    refused("column 'port' is 0.5, a Double", 1.0, 1.0, 0.5);
  }

  private static void refused(String text, Object... cells) {
    Exception wrong = assertThrows(IllegalArgumentException.class, () -> ofColumns.predict(cells));
    assertTrue(wrong.getMessage().startsWith(text), wrong::getMessage);
  }

  @Test
  void sqlKnowsTheModelAsAFunction() {
    model.registerFunction(spark.session(), "score");
    ofColumns.registerFunction(spark.session(), "score_columns");
    regression.registerFunction(spark.session(), "price");
    Dataset<Row> one = model.transform(data());
    assertEquals(0, one.where("score(features).prediction <> prediction").count());
    assertEquals(
        0,
        one.withColumn(
                "p",
                org.apache.spark.ml.functions.vector_to_array(
                    functions.col("probability"), "float64"))
            .where("abs(p[1] - score(features).probability[1]) > 1e-5")
            .count());
    assertEquals(
        0,
        ofColumns
            .transform(data())
            .where("score_columns(struct(deck, port, fare, age)).prediction <> prediction")
            .count());
    assertEquals(
        0, regression.transform(data()).where("abs(price(features) - prediction) > 1e-5").count());
    assertEquals(0, data().where("price(array(age, fare)) <> price(features)").count());
  }

  @Test
  void aTransformedFrameIsFilteredAndSelectedLikeAnyOther() {
    data()
        .drop("features")
        .write()
        .mode(SaveMode.Overwrite)
        .parquet(folder.resolve("p").toString());
    Dataset<Row> scored =
        ofColumns.transform(spark.session().read().parquet(folder.resolve("p").toString()));
    long expected = data().where("deck = 'a'").count();
    assertEquals(expected, scored.where("deck = 'a'").select("prediction").count());
    scored.createOrReplaceTempView("scored");
    Dataset<Row> unused = spark.session().sql("select deck from scored");
    assertEquals(data().count(), unused.count());
    assertTrue(scored.schema().apply("port").equals(data().schema().apply("port")));
  }

  @Test
  void aStreamIsTransformedAndLearnedFromBatchByBatch() throws Exception {
    String source = folder.resolve("source").toString();
    data().drop("features").repartition(4).write().parquet(source);
    Dataset<Row> stream =
        spark
            .session()
            .readStream()
            .schema(data().drop("features").schema())
            .option("maxFilesPerTrigger", 1)
            .parquet(source);
    List<Double> losses = new ArrayList<>();
    List<NeuralClassificationModel> last = new ArrayList<>(List.of(ofColumns));
    VoidFunction2<Dataset<Row>, Long> learn =
        (batch, id) -> {
          NeuralClassifier learner =
              new NeuralClassifier()
                  .setFeaturesCols("age", "fare")
                  .setCategoricalCols("port")
                  .setStepSize(0.02)
                  .setNumWorkers(1)
                  .setInitialModel(last.get(0));
          last.set(0, learner.fit(batch));
          losses.addAll(last.get(0).summary().losses());
        };
    stream
        .writeStream()
        .foreachBatch(learn)
        .option("checkpointLocation", folder.resolve("learned").toString())
        .trigger(Trigger.AvailableNow())
        .start()
        .awaitTermination();
    assertEquals(40, losses.size());
    assertTrue(losses.get(39) < losses.get(0), losses::toString);
    ofColumns
        .transform(stream)
        .select("age", "prediction")
        .writeStream()
        .format("parquet")
        .option("path", folder.resolve("sink").toString())
        .option("checkpointLocation", folder.resolve("scored").toString())
        .trigger(Trigger.AvailableNow())
        .start()
        .awaitTermination();
    Dataset<Row> found = spark.session().read().parquet(folder.resolve("sink").toString());
    assertFalse(found.isEmpty());
    assertEquals(
        0, ofColumns.transform(data()).select("age", "prediction").exceptAll(found).count());
  }
}
