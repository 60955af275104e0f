package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.trained.TrainedModel;
import io.sparkgrad.nn.Embedding;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metrics;
import io.sparkgrad.nn.NamedModule;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.Tensors;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of several inputs, and of ids. */
class InputsTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void trainToTheBitsOfAPlainLoop(int workers) {
    Dataset<Row> data = TwoInputs.data(spark.session(), 3);
    TrainingResult result = TwoInputs.trainer(workers).fit(data);
    assertEquals(TwoInputs.expected(workers, PlainLoop.EPOCHS), Normed.state(result.model()));
  }

  @Test
  void aModelPredictsFromWhatItWasTrainedOnAlsoAfterItWasSaved(@TempDir Path folder) {
    Dataset<Row> data = TwoInputs.data(spark.session(), 2);
    TrainingResult result =
        TwoInputs.trainer(2)
            .validate(data)
            .metric("accuracy", Metrics::accuracy)
            .epochs(6)
            .fit(data);
    String file = folder.resolve("two.safetensors").toString();
    result.save(file);
    TrainedModel read = TrainedModel.load(TwoInputs.Net::new, file);
    assertEquals(result.trained().facts().toString(), read.facts().toString());
    List<Integer> rows = IntStream.range(0, PlainLoop.ROWS).boxed().toList();
    double[] expected;
    try (var quiet = Grad.noGrad()) {
      expected = result.model().forward(TwoInputs.inputs(rows)).first().argmax(1).toDoubles();
    }
    assertArrayEquals(expected, classes(result.trained(), data));
    assertArrayEquals(expected, classes(read, data));
    assertTrue(
        result.metrics().get("accuracy").get(5) > 0.6, result.metrics().get("accuracy").toString());
  }

  private static double[] classes(TrainedModel model, Dataset<Row> data) {
    return model.classify(data).orderBy("row").select("prediction").collectAsList().stream()
        .mapToDouble(r -> r.getDouble(0))
        .toArray();
  }

  @Test
  void severalOutputsAreAColumnEach(@TempDir Path folder) {
    Dataset<Row> data = TwoInputs.data(spark.session(), 2);
    TrainingResult result = TwoInputs.trainer(2).epochs(1).fit(data);
    String file = folder.resolve("two.safetensors").toString();
    result.save(file);
    TrainedModel read = TrainedModel.load(TwoInputs.Net::new, file);
    List<Integer> rows = IntStream.range(0, PlainLoop.ROWS).boxed().toList();
    Tensors expected;
    try (var quiet = Grad.noGrad()) {
      expected = result.model().forward(TwoInputs.inputs(rows));
    }
    List<Row> all = read.predictAll(data, "scores", "again").orderBy("row").collectAsList();
    for (int r : rows) {
      List<Float> scores = all.get(r).getList(all.get(r).fieldIndex("scores"));
      for (int c = 0; c < 3; c++)
        assertEquals(expected.get("classes").select(0, r).select(0, c).item(), scores.get(c), 1e-6);
      assertEquals(
          expected.get("value").select(0, r).select(0, 0).item(),
          all.get(r).<Double>getAs("again"),
          1e-6);
    }
    assertEquals(
        List.of("classes", "value"),
        List.of(read.predictAll(data.select("x", "from", "to", "visits")).columns()).subList(4, 6));
    assertEquals(
        all.stream().map(r -> r.<Double>getAs("again")).toList(),
        read
            .predictAll(data, "scores", "again")
            .orderBy("row")
            .select("again")
            .collectAsList()
            .stream()
            .map(r -> r.getDouble(0))
            .toList());
    assertEquals(
        "two of the added columns are named 'Same': name them apart",
        assertThrows(IllegalArgumentException.class, () -> read.predictAll(data, "same", "Same"))
            .getMessage());
    assertEquals(
        "the model has the outputs [classes, value], and 1 are named: [scores]",
        assertThrows(IllegalArgumentException.class, () -> read.predictAll(data, "scores"))
            .getMessage());
  }

  @Test
  void anIdThatATableDoesNotHaveIsNamedByItsRowInPredictionToo() {
    Dataset<Row> data = TwoInputs.data(spark.session(), 2);
    TrainingResult result = TwoInputs.trainer(2).epochs(1).fit(data);
    Dataset<Row> beyond =
        data.coalesce(1)
            .orderBy("row")
            .coalesce(1)
            .withColumn("to", functions.expr("if(row = 300, to + 11, to)"));
    Exception e = assertThrows(Exception.class, () -> result.classify(beyond).collectAsList());
    String text = String.valueOf(e.getCause() == null ? e : e.getCause());
    assertTrue(text.contains("in self: 21 of 11 rows (partition 0, row 300 of it)"), text);
  }

  /** Looks at hashed words, one of a row and some of a row. */
  static final class Words extends NamedModule {
    private static final long serialVersionUID = 1L;
    final Embedding table = new Embedding(32, 4);
    final Linear out = new Linear(8, 3);

    @Override
    public Tensors forward(Tensors in) {
      Tensor word = table.forward(in.get("word")).squeeze(1);
      Tensor mask = in.get("words.mask").unsqueeze(2);
      Tensor words = table.forward(in.get("words")).mul(mask).sum(1);
      return Tensors.of(out.forward(Tensor.cat(List.of(word, words), 1)));
    }
  }

  private static SparkTrainer words() {
    return SparkTrainer.of(Words::new)
        .loss(Losses::crossEntropy)
        .optimizer(PlainLoop.RULE)
        .input("word", Ids.of("place").hashed(32))
        .input("words", Ids.sequence("words").hashed(32).padTo(3))
        .label("class")
        .workers(2);
  }

  private static Dataset<Row> withWords() {
    return TwoInputs.data(spark.session(), 2)
        .withColumn("words", functions.split(functions.col("place"), " "));
  }

  @Test
  void stringsAreHashedTheSameInTrainingAndPrediction() {
    Dataset<Row> data = withWords();
    TrainingResult result = words().fit(data);
    List<Row> twice =
        result
            .predict(data)
            .where("place = 'place 3'")
            .select("prediction")
            .distinct()
            .collectAsList();
    assertEquals(1, twice.size());
    assertEquals(3, twice.get(0).getList(0).size());
  }

  /** A row's text is hashed: a file that is read again may have other types. */
  @Test
  void aHashDoesNotDependOnTheTypeOfTheColumn() {
    Dataset<Row> data = TwoInputs.data(spark.session(), 2).withColumn("k", functions.col("row"));
    Dataset<Row> asWords =
        data.withColumn("place", functions.col("k"))
            .withColumn("words", functions.expr("array(k, k + 1)"));
    TrainingResult result = words().fit(asWords);
    Dataset<Row> other =
        asWords
            .withColumn("place", functions.expr("int(place)"))
            .withColumn("words", functions.expr("transform(words, w -> string(w))"));
    assertEquals(predicted(result, asWords), predicted(result, other));
  }

  private static List<Row> predicted(TrainingResult result, Dataset<Row> data) {
    return result.predict(data).orderBy("row").select("prediction").collectAsList();
  }

  /** Adds ids, which may be negative, to a table's row 1. */
  static final class Shifted extends NamedModule {
    private static final long serialVersionUID = 1L;
    final Embedding table = new Embedding(12, 3);

    @Override
    public Tensors forward(Tensors in) {
      return Tensors.of(table.forward(in.get("ids").add(1)).squeeze(1));
    }
  }

  @Test
  void negativeIdsAreIds() {
    Dataset<Row> data =
        TwoInputs.data(spark.session(), 2).withColumn("k", functions.expr("row % 11 - 1"));
    TrainingResult result =
        SparkTrainer.of(Shifted::new)
            .loss(Losses::crossEntropy)
            .optimizer(PlainLoop.RULE)
            .input("ids", Ids.of("k"))
            .label("class")
            .rowOrder("row")
            .workers(2)
            .fit(data);
    assertEquals(PlainLoop.ROWS, result.classify(data).count());
  }

  @Test
  void aNullIsNamedByItsRow() {
    Dataset<Row> data =
        withWords().withColumn("place", functions.expr("if(row = 40, null, place)"));
    String text =
        assertThrows(IllegalArgumentException.class, () -> words().rowOrder("row").fit(data))
            .getMessage();
    assertTrue(text.startsWith("column 'place' is null in row 40"), text);
  }

  @Test
  void whatIsNoIdIsRefusedBeforeAnythingIsRead() {
    Dataset<Row> data = TwoInputs.data(spark.session(), 2);
    assertEquals(
        "column 'place' of input 'ids' is of type string: ids are whole numbers; others are hashed by .hashed(1 << 20) or indexed by .vocabulary(data)",
        refused(TwoInputs.trainer(2).input("ids", Ids.of("place")), data));
    assertEquals(
        "column 'from' of input 'visits' is of type bigint: a sequence is an array",
        refused(TwoInputs.trainer(2).input("visits", Ids.sequence("from")), data));
    assertTrue(
        refused(TwoInputs.trainer(2).input("ids", Ids.of("form")), data)
            .contains("did you mean 'from'?"));
  }

  @Test
  void aModelOfOneTensorSaysThatThereAreSeveral() {
    SparkTrainer trainer =
        SparkTrainer.of(() -> new Sequential(new Linear(8, 4), new ReLU(), new Linear(4, 3)))
            .loss(Losses::crossEntropy)
            .optimizer(PlainLoop.RULE)
            .input("dense", "x")
            .input("ids", Ids.of("from"))
            .label("class");
    String text = refused(trainer, TwoInputs.data(spark.session(), 2));
    assertTrue(
        text.contains("one tensor is wanted, and there are [dense, ids]: take them by name"), text);
  }

  @Test
  void aLossOfOneOutputSaysThatThereAreSeveral() {
    SparkTrainer trainer = TwoInputs.trainer(2).loss(Losses::crossEntropy);
    String text = refused(trainer, TwoInputs.data(spark.session(), 2));
    assertTrue(text.contains("there are [classes, value]"), text);
  }

  private static String refused(SparkTrainer trainer, Dataset<Row> data) {
    return assertThrows(IllegalArgumentException.class, () -> trainer.fit(data)).getMessage();
  }
}
