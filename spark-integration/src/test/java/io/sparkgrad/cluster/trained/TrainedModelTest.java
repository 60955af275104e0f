package io.sparkgrad.cluster.trained;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.SparkCluster;
import io.sparkgrad.cluster.SparkTrainer;
import io.sparkgrad.cluster.TrainingResult;
import io.sparkgrad.files.SafeTensors;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.optim.SGD;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.apache.spark.SparkException;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import scala.reflect.ClassTag;

class TrainedModelTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  @TempDir Path folder;

  @AfterEach
  void nothingStaysPersisted() {
    assertEquals(Map.of(), spark.context().getPersistentRDDs());
  }

  @Test
  void predict_oneOutputIsADoubleBesideAllOtherColumns() {
    TrainedModel model = model(() -> new Linear(3, 1), List.of("a", "v"), 1, 2);
    Dataset<Row> data =
        spark
            .session()
            .range(0, 1000, 1, 3)
            .selectExpr(
                "id",
                "cast(null as string) as nothing",
                "timestamp'2024-02-03 04:05:06' as at",
                "map('k', array(1.5d)) as m",
                "named_struct('x', date'2024-01-01') as s",
                "cast(id as decimal(20,3)) as a",
                "array(0.5f * id, -1) as v",
                "id as twice",
                "2.5 as twice");
    Dataset<Row> predicted = model.predict(data);
    assertEquals(data.schema().add("prediction", DataTypes.DoubleType, false), predicted.schema());
    List<Row> before = data.collectAsList();
    List<Row> after = predicted.collectAsList();
    assertEquals(1000, after.size());
    for (int i = 0; i < before.size(); i++) {
      for (int c = 0; c < before.get(i).size(); c++)
        assertEquals(before.get(i).get(c), after.get(i).get(c));
      assertEquals(forward(model, i, 0.5f * i, -1)[0], after.get(i).getDouble(9), 1e-3);
    }
    RegressionEvaluator evaluator =
        new RegressionEvaluator().setLabelCol("id").setPredictionCol("prediction");
    assertTrue(evaluator.evaluate(predicted.select("id", "prediction")) > 0);
  }

  @Test
  void predict_severalOutputsAreAnArray() {
    TrainedModel model = model(() -> new Linear(2, 3), List.of("v"), 2);
    Dataset<Row> predicted = model.predict(vectors(5));
    assertEquals(
        DataTypes.createArrayType(DataTypes.FloatType, false),
        predicted.schema().apply("prediction").dataType());
    for (Row row : predicted.collectAsList()) {
      List<Float> outputs = row.getList(row.fieldIndex("prediction"));
      double[] expected = forward(model, row.getLong(0), 1);
      for (int i = 0; i < 3; i++) assertEquals(expected[i], outputs.get(i), 1e-4);
    }
  }

  @Test
  void classify_givesWhatMLlibsEvaluatorsTake() {
    TrainedModel model = model(() -> new Linear(2, 3), List.of("v"), 2);
    Dataset<Row> classified = model.classify(vectors(50));
    Metadata three = new AttributeGroup("probability", 3).toMetadata();
    assertEquals(
        new StructType()
            .add("rawPrediction", SQLDataTypes.VectorType(), false, three)
            .add("probability", SQLDataTypes.VectorType(), false, three)
            .add("prediction", DataTypes.DoubleType, false),
        classified.select("rawPrediction", "probability", "prediction").schema());
    for (Row row : classified.collectAsList()) {
      double[] scores = forward(model, row.getLong(0), 1);
      assertArrayEquals(scores, row.<Vector>getAs("rawPrediction").toArray(), 1e-4);
      double[] p = row.<Vector>getAs("probability").toArray();
      assertEquals(1, Arrays.stream(p).sum(), 1e-12);
      assertEquals(Math.exp(scores[1] - scores[0]), p[1] / p[0], 1e-3 * p[1] / p[0]);
      double best = Arrays.stream(scores).max().orElseThrow();
      assertEquals(best, scores[(int) row.<Double>getAs("prediction").doubleValue()]);
    }
    Dataset<Row> labelled = classified.withColumn("label", classified.col("prediction"));
    var evaluator = new MulticlassClassificationEvaluator();
    assertEquals(1, evaluator.setMetricName("accuracy").evaluate(labelled));
    assertTrue(evaluator.setMetricName("logLoss").evaluate(labelled) > 0);
  }

  @Test
  void classify_oneScoreIsTheLogOddsOfClassOne() {
    TrainedModel model = model(() -> new Linear(2, 1), List.of("v"), 2);
    for (Row row : model.classify(vectors(20)).collectAsList()) {
      double score = forward(model, row.getLong(0), 1)[0];
      double p = 1 / (1 + Math.exp(-score));
      assertArrayEquals(
          new double[] {-score, score}, row.<Vector>getAs("rawPrediction").toArray(), 1e-4);
      assertArrayEquals(new double[] {1 - p, p}, row.<Vector>getAs("probability").toArray(), 1e-4);
      assertEquals(score > 0 ? 1.0 : 0.0, row.<Double>getAs("prediction"));
    }
  }

  @Test
  void classify_noClassIsBestWhereAScoreIsNaN() {
    Module broken = new Linear(2, 2);
    try (var quiet = Grad.noGrad()) {
      broken.stateDict().get("bias").fill_(Double.NaN);
    }
    TrainedModel model = TrainedModel.of(() -> new Linear(2, 2), broken, facts(List.of("v"), 2));
    assertEquals(Double.NaN, model.classify(vectors(1)).first().<Double>getAs("prediction"));
  }

  @Test
  void columnsKeepTheirMetadataAndTheClassesTheirNames() {
    Dataset<Row> words =
        spark
            .session()
            .range(60)
            .selectExpr(
                "id",
                "array(float(id % 3), float(id) / 60) as v",
                "concat('class ', id % 3) as word");
    Dataset<Row> indexed =
        new StringIndexer().setInputCol("word").setOutputCol("y").fit(words).transform(words);
    TrainingResult result =
        SparkTrainer.of(() -> new Linear(2, 3))
            .loss(Losses::crossEntropy)
            .optimizer(new SGD(0.1))
            .features("v")
            .label("y")
            .workers(2)
            .fit(indexed);
    String path = folder.resolve("named.safetensors").toString();
    result.save(path);
    TrainedModel loaded = TrainedModel.load(() -> new Linear(2, 3), path);
    assertEquals(List.of("class 0", "class 1", "class 2"), loaded.facts().classes());
    for (Dataset<Row> classified : List.of(result.classify(indexed), loaded.classify(indexed))) {
      assertEquals(
          indexed.schema().apply("y").metadata(), classified.schema().apply("y").metadata());
      for (String column : List.of("y", "prediction")) {
        Dataset<Row> named =
            new IndexToString().setInputCol(column).setOutputCol("name").transform(classified);
        for (Row row : named.select(column, "name").collectAsList())
          assertEquals(
              loaded.facts().classes().get((int) row.getDouble(0)), row.getString(1), column);
      }
    }
    Dataset<Row> commented =
        vectors(3).withColumn("id", functions.col("id"), comment("the row's number"));
    assertEquals(
        "the row's number",
        model(() -> new Linear(2, 1), List.of("v"), 2)
            .predict(commented)
            .schema()
            .apply("id")
            .getComment()
            .get());
  }

  private static Metadata comment(String text) {
    return new MetadataBuilder().putString("comment", text).build();
  }

  /** Counts the rows that it sees. */
  static final class Counting extends Module {
    private static final long serialVersionUID = 1;
    static final AtomicInteger ROWS = new AtomicInteger();
    final Linear linear = new Linear(2, 2);

    @Override
    public Tensor forward(Tensor x) {
      ROWS.addAndGet(x.size(0));
      return linear.forward(x);
    }
  }

  @Test
  void filtersAndSelectionsReachThePlanOfTheData() {
    String path = folder.resolve("rows").toString();
    spark
        .session()
        .range(0, 1000, 1, 2)
        .selectExpr(
            "id", "array(float(id), 1f) as v", "id % 10 as part", "'x' as unused", "id as id")
        .toDF("id", "v", "part", "unused", "again")
        .write()
        .parquet(path);
    TrainedModel model = model(Counting::new, List.of("v"), 2);
    Dataset<Row> classified = model.classify(spark.session().read().parquet(path));
    Dataset<Row> some = classified.where("part = 3 and id > 500 and prediction >= 0");
    Counting.ROWS.set(0);
    List<Row> rows = some.select("prediction", "id").collectAsList();
    assertEquals(50, rows.size());
    assertEquals(50, Counting.ROWS.get());
    String plan = some.queryExecution().executedPlan().toString();
    assertTrue(plan.contains("EqualTo(c2,3)") && plan.contains("GreaterThan(c0,500)"), plan);
    Counting.ROWS.set(0);
    assertEquals(1000, classified.count());
    assertEquals(1000, classified.select("unused", "part").collectAsList().size());
    assertEquals(0, Counting.ROWS.get()); // nobody asked for a prediction
    List<Row> all = classified.select("id", "prediction").collectAsList();
    Map<Long, Double> byId = new HashMap<>();
    for (Row row : all) byId.put(row.getLong(0), row.getDouble(1));
    for (Row row : rows) assertEquals(byId.get(row.getLong(1)), row.getDouble(0));
    for (String filter :
        List.of(
            "unused is not null",
            "part in (1, 2)",
            "not (part < 3 or part > 4)",
            "id <=> 7",
            "unused like 'x%'",
            "id % 7 = 2",
            "v[0] >= 10 and part <= 8",
            "prediction is null"))
      assertEquals(
          classified.cache().where(filter).count(), // of all predictions
          model.classify(spark.session().read().parquet(path)).where(filter).count(),
          filter);
    classified.unpersist(true);
  }

  @Test
  void theColumnsOfTheDataAreThoseOfTheResult() {
    TrainedModel model = model(Counting::new, List.of("v"), 2);
    String path = folder.resolve("rows").toString();
    vectors(100).withColumn("age", functions.expr("id % 50")).write().parquet(path);
    Dataset<Row> data = spark.session().read().parquet(path).as("d");
    Dataset<Row> scored = model.predict(model.classify(data), "outputs");
    Counting.ROWS.set(0);
    Dataset<Row> old =
        scored
            .filter(data.col("age").gt(30))
            .select(data.col("id"), functions.col("d.age"), scored.col("prediction"));
    assertEquals(38, old.collectAsList().size());
    assertEquals(38, Counting.ROWS.get()); // the filter reached the file, and nobody asked twice
    String plan = old.queryExecution().executedPlan().toString();
    assertTrue(plan.contains("GreaterThan(c2,30)") && !plan.contains("Union"), plan);
    assertEquals(
        List.of(data.col("v").toString(), "prediction"),
        List.of(scored.col("v").toString(), scored.col("prediction").toString()));
    assertEquals(100, scored.sort(data.col("age").desc()).drop(data.col("v")).count());
    assertEquals(
        List.of("id", "age", "rawPrediction", "probability", "prediction", "outputs"),
        List.of(scored.drop(data.col("v")).columns()));
    assertEquals(
        100,
        scored
            .withColumn("next", data.col("age").plus(1))
            .where(functions.col("next").equalTo(data.col("age").plus(1)))
            .count());
    Dataset<Row> other = spark.session().range(10).toDF("key");
    assertEquals(
        20, scored.join(other, data.col("age").equalTo(other.col("key"))).collectAsList().size());
    assertEquals(100, scored.as("s").join(data.as("t"), functions.expr("s.id = t.id")).count());
    assertEquals(200, scored.union(scored).filter(functions.col("prediction").geq(0)).count());
    scored.cache();
    assertEquals(38, scored.filter(data.col("age").gt(30)).count());
    scored.unpersist(true);
  }

  @Test
  void theAddedColumnsMayHaveOtherNames() {
    TrainedModel model = model(() -> new Linear(2, 3), List.of("v"), 2);
    Dataset<Row> twice =
        model.classify(model.classify(vectors(5)), "digit", "digit_probability", "digit_score");
    Row row = twice.first();
    assertEquals(row.<Double>getAs("prediction"), row.<Double>getAs("digit"));
    assertEquals(row.<Vector>getAs("probability"), row.<Vector>getAs("digit_probability"));
    assertEquals(row.<Vector>getAs("rawPrediction"), row.<Vector>getAs("digit_score"));
    assertEquals(
        List.of("id", "v", "scores"), List.of(model.predict(vectors(5), "scores").columns()));
  }

  @Test
  void noRowsAndEmptyPartitions() {
    TrainedModel model = model(() -> new Linear(2, 3), List.of("v"), 2);
    assertEquals(0, model.predict(vectors(0)).count());
    assertEquals(List.of(), model.classify(vectors(9).where("id < 0")).collectAsList());
    assertEquals(1, model.predict(vectors(9).where("id = 8")).collectAsList().size());
  }

  @Test
  void nothingRunsBeforeAnAction() {
    TrainedModel model = model(() -> new Linear(2, 3), List.of("v"), 2);
    Dataset<Row> predicted = model.predict(vectors(5).selectExpr("v", "assert_true(id < 3)"));
    assertThrows(RuntimeException.class, predicted::collectAsList);
  }

  @Test
  void wrongColumns() {
    TrainedModel model = model(() -> new Linear(2, 3), List.of("v"), 2);
    assertEquals(
        "there is no column 'v' (columns: id, pixels)",
        message(() -> model.predict(vectors(1).withColumnRenamed("v", "pixels"))));
    assertEquals(
        "the data has a column 'Prediction' already: drop or rename it first, or name the new one otherwise",
        message(() -> model.predict(vectors(1).withColumnRenamed("id", "Prediction"))));
    assertEquals(
        "the data has a column 'probability' already: drop or rename it first, or name the new one otherwise",
        message(() -> model.classify(vectors(1).withColumnRenamed("id", "probability"))));
    assertEquals(
        "feature column 'v' is a string: use StringIndexer (and OneHotEncoder for unordered values)"
            + " to turn it into numbers",
        message(() -> model.predict(vectors(1).selectExpr("'a' as v"))));
  }

  @Test
  void wrongRows() {
    TrainedModel model = model(() -> new Linear(3, 3), List.of("id", "v"), 1, 2);
    Dataset<Row> rows = spark.session().range(0, 20, 1, 2).toDF();
    assertJobFails(
        "column 'v' is null (partition 1, row 2 of it): fill or drop nulls first, e.g."
            + " data.na().drop()",
        model.predict(rows.selectExpr("id", "if(id = 12, null, array(id, 1)) as v")));
    assertJobFails(
        "column 'v' has 1 numbers where the model takes 2 (partition 0, row 3 of it)",
        model.predict(rows.selectExpr("id", "if(id = 3, array(id), array(id, 1)) as v")));
    assertJobFails(
        "column 'v' is NaN at position 1 (partition 1, row 3 of it): replace such numbers or filter"
            + " the row out first",
        model.predict(rows.selectExpr("id", "array(id, if(id = 13, double('NaN'), 1)) as v")));
  }

  @Test
  void aModelThatMixesRows() {
    TrainedModel model =
        model(
            () ->
                new Module() {
                  @Override
                  public Tensor forward(Tensor x) {
                    return x.sum();
                  }
                },
            List.of("v"),
            2);
    assertEquals(
        "the model must keep rows apart: for 2 rows its output has shape []",
        message(() -> model.classify(vectors(1))));
  }

  @Test
  void saveAndLoad() throws IOException {
    String path = folder.resolve("sub").resolve("m.safetensors").toString();
    ModelSupplier supplier = () -> new Sequential(new Linear(3, 4), new Linear(4, 1));
    TrainedModel model = model(supplier, List.of("a, \"b\"", "v"), 1, 2);
    model.save(path);
    TrainedModel back = TrainedModel.load(supplier, path);
    model
        .model()
        .stateDict()
        .forEach(
            (k, t) -> assertArrayEquals(t.toFloats(), back.model().stateDict().get(k).toFloats()));
    assertEquals(List.of("a, \"b\"", "v"), back.facts().features());
    assertArrayEquals(new int[] {1, 2}, back.facts().widths());
    assertEquals(model.facts().history(), back.facts().history());
    assertEquals(model.facts().run(), back.facts().run());
    assertEquals("pt", SafeTensors.read(Path.of(path)).metadata().get("format"));
  }

  @Test
  void loadErrors() throws IOException {
    String path = folder.resolve("m.safetensors").toString();
    String none = folder.resolve("none").toString();
    model(() -> new Linear(2, 3), List.of("v"), 2).save(path);
    assertEquals(
        path
            + " is of another model: Error(s) in loading state_dict for Linear:\n\tsize mismatch for"
            + " weight: copying a param with shape [3, 2] from checkpoint, the shape in current model"
            + " is [3, 4].",
        message(() -> TrainedModel.load(() -> new Linear(4, 3), path)));
    new Linear(2, 3).save(Path.of(path));
    assertEquals(
        path
            + " does not say which columns its model reads: it was not saved by a TrainingResult. Its"
            + " weights alone can be loaded by model.load(path)",
        message(() -> TrainedModel.load(() -> new Linear(2, 3), path)));
    var missing =
        assertThrows(
            UncheckedIOException.class, () -> TrainedModel.load(() -> new Linear(2, 3), none));
    assertEquals("cannot read " + none + ": there is no such file", missing.getMessage());
    Files.writeString(Path.of(path), "PK");
    var other =
        assertThrows(
            UncheckedIOException.class, () -> TrainedModel.load(() -> new Linear(2, 3), path));
    assertEquals(
        "cannot read " + path + ": m.safetensors: not a safetensors file: it has 2 bytes",
        other.getMessage());
  }

  @Test
  void aSentHandleHasTheWeightsAsTheyWereThen() throws Exception {
    TrainedModel model = model(() -> new Linear(2, 1), List.of("v"), 2);
    try (var quiet = Grad.noGrad()) {
      model.model().stateDict().get("weight").fill_(2);
    }
    TrainedModel sent = sent(model);
    assertEquals(2, sent.model().stateDict().get("weight").at(0, 1));
    assertEquals(
        model.predict(vectors(9)).collectAsList(), sent(sent).predict(vectors(9)).collectAsList());
  }

  @Test
  void weightsSurviveKryo() {
    Module model = new Linear(2, 3);
    SerializerInstance kryo = new KryoSerializer(spark.context().getConf()).newInstance();
    ClassTag<Weights> tag = ClassTag.apply(Weights.class);
    Weights sent = kryo.deserialize(kryo.serialize(Weights.of(model), tag), tag);
    Linear other = new Linear(2, 3);
    sent.shareWith(other);
    assertArrayEquals(model.stateDict().get("weight").toFloats(), other.weight.toFloats());
  }

  @Test
  void aTrainingResultPredictsIsSavedPlottedAndSent() throws Exception {
    ModelSupplier supplier = () -> new Linear(2, 3);
    TrainingResult result =
        SparkTrainer.of(supplier)
            .loss(Losses::crossEntropy)
            .optimizer(new SGD(0.01))
            .features("v")
            .label("y")
            .batchSize(8)
            .epochs(3)
            .workers(2)
            .seed(5)
            .fit(vectors(50).selectExpr("id", "v", "int(id % 3) as y"));
    String path = folder.resolve("m.safetensors").toString();
    result.save(path);
    TrainedModel loaded = TrainedModel.load(supplier, path);
    assertEquals(Map.of("loss", result.losses()), loaded.facts().history());
    assertEquals("5", loaded.facts().run().get("seed"));
    assertEquals("2", loaded.facts().run().get("workers"));
    assertEquals("y", loaded.facts().run().get("label"));
    List<Row> classes = result.classify(vectors(50)).collectAsList();
    assertEquals(classes, loaded.classify(vectors(50)).collectAsList());
    TrainingResult sent = sent(result);
    assertEquals(result.weightsSha256(), sent.weightsSha256());
    assertEquals(
        result.predict(vectors(9)).collectAsList(), sent.predict(vectors(9)).collectAsList());
    result.plot(folder.resolve("loss.png").toString());
    assertEquals(900, ImageIO.read(folder.resolve("loss.png").toFile()).getWidth());
  }

  /** id, and v = [id, 1], in four partitions. */
  private static Dataset<Row> vectors(int rows) {
    return spark.session().range(0, rows, 1, 4).selectExpr("id", "array(float(id), 1f) as v");
  }

  private static TrainedModel model(ModelSupplier supplier, List<String> columns, int... widths) {
    return TrainedModel.of(supplier, supplier.get(), facts(columns, widths));
  }

  private static TrainingFacts facts(List<String> columns, int... widths) {
    return new TrainingFacts(
        columns,
        widths,
        Map.of("loss", List.of(0.1, Double.NaN, -0.0, 1e-320), "validation loss", List.of()),
        Map.of("seed", "7", "label", "y"));
  }

  private static double[] forward(TrainedModel model, double... row) {
    float[] features = new float[row.length];
    for (int i = 0; i < row.length; i++) features[i] = (float) row[i];
    return model.model().forward(Tensor.of(features, 1, row.length)).toDoubles();
  }

  private static String message(Executable call) {
    return assertThrows(IllegalArgumentException.class, call).getMessage();
  }

  private static void assertJobFails(String text, Dataset<Row> data) {
    var e = assertThrows(SparkException.class, data::collectAsList);
    Throwable cause = e;
    while (cause.getCause() != null) cause = cause.getCause();
    assertEquals(text, cause.getMessage());
  }

  @SuppressWarnings("unchecked")
  private static <T> T sent(T handle) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new ObjectOutputStream(bytes).writeObject(handle);
    return (T) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
  }
}
