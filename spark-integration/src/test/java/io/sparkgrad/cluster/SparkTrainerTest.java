package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.cpu.ArrayPool;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Module;
import io.sparkgrad.optim.Adam;
import io.sparkgrad.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SparkTrainerTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 7})
  void trainsToTheBitsOfAPlainLoop(int workers) {
    TrainingResult result = PlainLoop.trainer(workers).fit(PlainLoop.data(spark.session(), 3));
    assertArrayEquals(PlainLoop.train(workers), new FlatParameters(result.model()).toFloats());
  }

  @Test
  void aSecondFitIsLikeTheFirstAndLeavesNothing() {
    Dataset<Row> data = PlainLoop.data(spark.session(), 2);
    String first = PlainLoop.trainer(4).fit(data).weightsSha256();
    Set<String> threads = threads();
    assertEquals(first, PlainLoop.trainer(4).fit(data).weightsSha256());
    assertEquals(Set.of(), spark.context().getPersistentRDDs().keySet());
    Set<String> left = threads();
    left.removeAll(threads);
    left.removeIf(name -> !name.toLowerCase(java.util.Locale.ROOT).contains("sparkgrad"));
    assertEquals(Set.of(), left);
  }

  @Test
  void aFinishedTaskLeavesNoArraysToItsThread() {
    TrainingResult result =
        PlainLoop.trainer(2)
            .validate(PlainLoop.validation(spark.session(), 2))
            .fit(PlainLoop.data(spark.session(), 2));
    assertEquals(0, arraysOfTaskThreads());
    result.predict(PlainLoop.data(spark.session(), 2)).collectAsList();
    assertEquals(0, arraysOfTaskThreads());
    List<Integer> tasks = List.of(1, 2, 3, 4, 5, 6, 7, 8);
    spark
        .context()
        .parallelize(tasks, tasks.size())
        .foreach(x -> Tensor.ones(1000).mul(2).storage().free()); // not ours: stays
    assertNotEquals(0, arraysOfTaskThreads());
    spark.context().parallelize(tasks, tasks.size()).foreach(x -> TensorScope.emptyCache());
  }

  /* Bytes, over threads that Spark has used before: it takes the one that finished last. */
  private static long arraysOfTaskThreads() {
    long bytes = 0;
    for (int i = 0; i < 5; i++)
      bytes +=
          spark
              .context()
              .parallelize(List.of(1, 2), 2)
              .map(x -> ArrayPool.bytes())
              .reduce(Long::sum);
    return bytes;
  }

  /** A layer that computes a tensor once, when it is first asked, and one anew in each forward. */
  static final class Remembering extends Module {
    private static final long serialVersionUID = 1;
    final Linear linear = new Linear(PlainLoop.WIDTH, 3);
    Tensor scale;
    Tensor last;

    @Override
    public Tensor forward(Tensor x) {
      if (scale == null) scale = Tensor.ones(PlainLoop.WIDTH).mul(0.5);
      if (last != null) last.sum().item(); // still there
      last = linear.forward(x.mul(scale));
      return last;
    }
  }

  @Test
  void aModelMayRememberTensorsFromStepToStep() {
    Dataset<Row> data = PlainLoop.data(spark.session(), 2);
    TrainingResult result =
        PlainLoop.trainer(2, Remembering::new)
            .validate(PlainLoop.validation(spark.session(), 2))
            .fit(data);
    assertEquals(PlainLoop.ROWS, result.predict(data).collectAsList().size());
  }

  @Test
  void everyEpochIsReportedInOrderOnTheCallersThread() {
    List<String> reported = new ArrayList<>();
    Thread caller = Thread.currentThread();
    TrainingResult result =
        PlainLoop.trainer(2)
            .onEpoch(
                e ->
                    reported.add(
                        e.number() + " of " + e.of() + " " + (Thread.currentThread() == caller)))
            .fit(PlainLoop.data(spark.session(), 2));
    assertEquals(List.of("1 of 3 true", "2 of 3 true", "3 of 3 true"), reported);
    assertEquals(3, result.losses().size());
    assertTrue(result.losses().get(2) < result.losses().get(0));
  }

  @Test
  void withoutWorkersSetTheSlotsDecide() {
    SparkTrainer trainer = PlainLoop.trainer(1);
    trainer.workers = 0;
    assertEquals(2, trainer.fit(PlainLoop.data(spark.session(), 2)).workers());
  }

  @Test
  void shufflingDependsOnTheSeedAlone() {
    Dataset<Row> data = PlainLoop.data(spark.session(), 3);
    String once = PlainLoop.trainer(3).shuffle(true).seed(5).fit(data).weightsSha256();
    assertEquals(
        once, PlainLoop.trainer(3).shuffle(true).seed(5).fit(data.repartition(1)).weightsSha256());
    assertNotEquals(once, PlainLoop.trainer(3).shuffle(false).seed(5).fit(data).weightsSha256());
  }

  @Test
  void realLabelsTrainARegression() {
    Dataset<Row> line =
        spark
            .session()
            .range(200)
            .selectExpr("id / 100.0 - 1 AS x", "3 * (id / 100.0 - 1) + 0.5 AS y");
    TrainingResult result =
        SparkTrainer.of(() -> new Linear(1, 1))
            .loss(Losses::mse)
            .optimizer(new Adam(0.1))
            .features("x")
            .label("y")
            .batchSize(50)
            .epochs(60)
            .workers(2)
            .fit(line);
    Linear fitted = (Linear) result.model();
    assertEquals(3, fitted.weight.item(), 0.05);
    assertEquals(0.5, fitted.bias.item(), 0.05);
  }

  @Test
  void missingSettingsSayHowToSetThem() {
    Dataset<Row> data = PlainLoop.data(spark.session(), 1);
    refused(
        "no loss set: add .loss(Losses::crossEntropy)", SparkTrainer.of(PlainLoop::model), data);
    refused(
        "no label column set: add .label(\"digit\"), or .label() if there is none",
        SparkTrainer.of(PlainLoop::model).loss(Losses::mse).optimizer(new SGD(1)).features("x"),
        data);
    assertEquals(
        "batchSize must be at least 1, got 0",
        assertThrows(IllegalArgumentException.class, () -> PlainLoop.trainer(1).batchSize(0))
            .getMessage());
    assertEquals(
        "rowCopies must be 1 or 2, got 3",
        assertThrows(IllegalArgumentException.class, () -> PlainLoop.trainer(1).rowCopies(3))
            .getMessage());
  }

  @Test
  void aColumnThatIsNotThereIsNamed() {
    String text = refusal(PlainLoop.trainer(2).features("xs"), PlainLoop.data(spark.session(), 1));
    assertTrue(text.contains("xs") && text.contains("did you mean 'x'?"), text);
  }

  @Test
  void aStringLabelAsksForAnIndexer() {
    Dataset<Row> data = PlainLoop.data(spark.session(), 1).withColumn("class", functions.lit("a"));
    String text = refusal(PlainLoop.trainer(2), data);
    assertTrue(text.contains("StringIndexer"), text);
  }

  @Test
  void aModelThatDoesNotTakeTheRowsIsRefused() {
    SparkTrainer trainer = PlainLoop.trainer(2);
    String text =
        refusal(
            SparkTrainer.of(() -> new Linear(9, 3))
                .loss(trainer.loss)
                .optimizer(trainer.optimizer)
                .features("x")
                .label("class"),
            PlainLoop.data(spark.session(), 1));
    assertTrue(
        text.startsWith("the model does not take rows of 8 numbers (feature columns [x]): "), text);
    assertTrue(text.contains("2x8 and 9x3"), text);
  }

  @Test
  void aLabelOutOfRangeIsRefusedWithItsRow() {
    Dataset<Row> data =
        PlainLoop.data(spark.session(), 1)
            .withColumn(
                "class",
                functions
                    .when(functions.col("row").equalTo(17), 12L)
                    .otherwise(functions.col("class")));
    String text = refusal(PlainLoop.trainer(2), data);
    assertEquals(
        "the loss does not take the model's output and the labels of column 'class': Target 12 is"
            + " out of bounds: there are 3 classes (output of shape [2, 3] for 2 rows; row 17 has"
            + " label 12)",
        text);
  }

  @Test
  void anOutputThatDoesNotFitTheLossIsRefused() {
    String text =
        refusal(PlainLoop.trainer(2).loss(Losses::mse), PlainLoop.data(spark.session(), 1));
    assertTrue(
        text.contains(
            "mse: an output of shape [2, 3] cannot be compared with targets of shape [2]"),
        text);
  }

  @Test
  void aLossThatIsNotFiniteStopsTheRunAndSaysWhere() {
    Dataset<Row> data = PlainLoop.data(spark.session(), 2);
    TrainingException e =
        assertThrows(
            TrainingException.class, () -> PlainLoop.trainer(2).optimizer(new SGD(1e30)).fit(data));
    assertTrue(e.getMessage().contains("not finite"), e.getMessage());
    assertTrue(
        e.getMessage().contains("step 1") || e.getMessage().contains("step 0"), e.getMessage());
    PlainLoop.trainer(2).fit(data); // and the next fit works
  }

  @Test
  void anErrorOfTheUsersModelReachesTheCallerWithItsPlace() {
    TrainingException e =
        assertThrows(
            TrainingException.class,
            () ->
                SparkTrainer.of(Fragile::new)
                    .loss(Losses::crossEntropy)
                    .optimizer(PlainLoop.RULE)
                    .features("x")
                    .label("class")
                    .rowOrder("row")
                    .shuffle(false)
                    .batchSize(20)
                    .workers(2)
                    .fit(PlainLoop.data(spark.session(), 1)));
    assertTrue(e.getMessage().contains("I do not like row 40"), e.getMessage());
    assertTrue(
        e.getMessage().contains("step 2, worker 0 (10 rows: 40, 42, 44, ...)"), e.getMessage());
  }

  /** Takes no batch with row 40 in it. */
  static final class Fragile extends Module {
    private static final long serialVersionUID = 1;

    final Linear linear = new Linear(PlainLoop.WIDTH, 3);

    @Override
    public Tensor forward(Tensor x) {
      float bad = PlainLoop.features(40)[0];
      for (int i = 0; i < x.shape()[0]; i++) {
        if (x.at(i, 0) == bad) throw new IllegalStateException("I do not like row 40");
      }
      return linear.forward(x);
    }
  }

  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .collect(Collectors.toSet());
  }

  private static String refusal(SparkTrainer trainer, Dataset<Row> data) {
    return assertThrows(IllegalArgumentException.class, () -> trainer.fit(data)).getMessage();
  }

  private static void refused(String text, SparkTrainer trainer, Dataset<Row> data) {
    assertEquals(text, refusal(trainer, data));
  }
}
