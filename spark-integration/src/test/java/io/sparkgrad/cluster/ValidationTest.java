package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.cluster.fitting.Epoch;
import io.sparkgrad.cluster.ps.StopReason;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metric;
import io.sparkgrad.nn.Metrics;
import io.sparkgrad.optim.SGD;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses and metrics of a fit on rows it does not train on, and early ends. */
class ValidationTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  @AfterEach
  void nothingStaysPersisted() {
    assertEquals(Map.of(), spark.context().getPersistentRDDs());
  }

  private static Dataset<Row> train() {
    return PlainLoop.data(spark.session(), 2);
  }

  private static Dataset<Row> validation() {
    return PlainLoop.validation(spark.session(), 3);
  }

  private static SparkTrainer trainer(int workers) {
    return PlainLoop.trainer(workers).validate(validation()).metric("accuracy", Metrics::accuracy);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4})
  void measuresTheBitsOfAPlainLoop(int workers) {
    List<Epoch> reported = new ArrayList<>();
    TrainingResult result = trainer(workers).onEpoch(reported::add).fit(train());

    List<PlainLoop.Measured> expected = ValidationCurve.of(workers, PlainLoop.EPOCHS);
    List<Double> losses = expected.stream().map(PlainLoop.Measured::loss).toList();
    List<Double> accuracies = expected.stream().map(PlainLoop.Measured::accuracy).toList();
    assertEquals(losses, result.validationLosses());
    assertEquals(Map.of("accuracy", accuracies), result.metrics());
    assertEquals(losses, reported.stream().map(Epoch::validationLoss).toList());
    assertEquals(accuracies, reported.stream().map(e -> e.metrics().get("accuracy")).toList());
    assertEquals(PlainLoop.EPOCHS, result.losses().size());
    assertEquals(
        Map.of("loss", result.losses(), "validation loss", losses, "accuracy", accuracies),
        result.trained().facts().history());
    assertEquals(StopReason.EPOCHS, result.stopReason());
    assertArrayEquals(PlainLoop.train(workers), new FlatParameters(result.model()).toFloats());
  }

  @Test
  void aColumnSaysWhichRowsAreMeasured() {
    Dataset<Row> all =
        train()
            .withColumn("held", functions.lit(false))
            .union(validation().withColumn("held", functions.lit(true)));
    TrainingResult expected = trainer(3).fit(train());
    TrainingResult split =
        PlainLoop.trainer(3).validateWhere("held").metric("accuracy", Metrics::accuracy).fit(all);
    assertEquals(expected.validationLosses(), split.validationLosses());
    assertEquals(expected.metrics(), split.metrics());
    assertArrayEquals(
        new FlatParameters(expected.model()).toFloats(),
        new FlatParameters(split.model()).toFloats());
    TrainingResult byNumber =
        PlainLoop.trainer(3)
            .validateWhere("held")
            .fit(all.withColumn("held", functions.expr("if(held, 1, null)")));
    assertEquals(expected.validationLosses(), byNumber.validationLosses());
    assertEquals(
        "column 'x' is of type array<float>, not of numbers or booleans",
        assertThrows(
                IllegalArgumentException.class,
                () -> PlainLoop.trainer(3).validateWhere("x").fit(all))
            .getMessage());
  }

  @Test
  void aShareOfTheRowsIsTheSameOnAnyPartitioning() {
    TrainingResult first = PlainLoop.trainer(2).validateShare(0.3).fit(train());
    TrainingResult other =
        PlainLoop.trainer(2).validateShare(0.3).fit(PlainLoop.data(spark.session(), 5));
    assertEquals(first.validationLosses(), other.validationLosses());
    assertEquals(first.losses(), other.losses());
    long trained = Long.parseLong(first.trained().facts().run().get("rows"));
    assertTrue(trained > 331 * 0.6 && trained < 331 * 0.8, trained + " rows");
    TrainingResult seeded = PlainLoop.trainer(2).validateShare(0.3).seed(1).fit(train());
    assertTrue(!seeded.losses().equals(first.losses()));
    assertThrows(IllegalArgumentException.class, () -> PlainLoop.trainer(2).validateShare(1.0));
  }

  @Test
  void withoutAValidationSetNothingIsMeasured() {
    List<Epoch> reported = new ArrayList<>();
    TrainingResult result = PlainLoop.trainer(2).onEpoch(reported::add).fit(train());
    assertEquals(List.of(), result.validationLosses());
    assertEquals(Map.of(), result.metrics());
    assertEquals(0, result.bestEpoch());
    assertTrue(reported.stream().allMatch(e -> Double.isNaN(e.validationLoss())));
  }

  @ParameterizedTest(name = "{0} rows, {1} partitions, {2} workers, batches of {3}")
  @CsvSource({"2, 5, 4, 3", "1, 1, 3, 1", "13, 20, 2, 3", "9, 2, 1, 100"})
  void everyRowIsMeasuredOnceAnEpoch(int rows, int partitions, int workers, int batchSize) {
    Dataset<Row> data =
        spark
            .session()
            .range(0, rows, 1, partitions)
            .selectExpr("double(id) / 100 AS x", "double(id) AS row");
    // The sum of 2^row says which rows were there; only row 0 counts as a denominator.
    Metric which =
        (output, target) -> {
          double sum = 0;
          double zeros = 0;
          for (double row : target.toDoubles()) {
            sum += Math.pow(2, row);
            if (row == 0) zeros++;
          }
          return new Metric.Value(sum, zeros);
        };
    TrainingResult result =
        SparkTrainer.of(() -> new Linear(1, 1))
            .loss(Losses::mse)
            .optimizer(new SGD(1e-6))
            .features("x")
            .label("row")
            .batchSize(batchSize)
            .epochs(2)
            .workers(workers)
            .validate(data)
            .metric("which", which)
            .fit(spark.session().range(10).selectExpr("double(id) AS x", "double(id) AS row"));
    double all = Math.pow(2, rows) - 1;
    assertEquals(Map.of("which", List.of(all, all)), result.metrics());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4})
  void earlyStoppingGivesTheBestEpochsWeights(int workers) {
    ValidationCurve curve = new ValidationCurve(workers, 12, 3);
    assertTrue(curve.best() > 1 && curve.stop() < 12, curve + " tests nothing");
    TrainingResult result = trainer(workers).epochs(12).earlyStopping(3).fit(train());
    curve.check(result);
    assertEquals(StopReason.PATIENCE, result.stopReason());
    assertEquals(curve.stop() * (long) PlainLoop.STEPS_PER_EPOCH, result.steps());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void earlyStoppingGoesByAMetricInItsDirection(boolean higher) {
    TrainingResult result = trainer(2).epochs(12).earlyStopping(2, "accuracy", higher).fit(train());
    List<Double> measured = result.metrics().get("accuracy");
    double best = higher ? Collections.max(measured) : Collections.min(measured);
    assertEquals(1 + measured.indexOf(best), result.bestEpoch());
    assertEquals(
        result.stopReason() == StopReason.PATIENCE,
        measured.size() == result.bestEpoch() + 2 && measured.size() < 12);
    assertArrayEquals(
        PlainLoop.train(2, result.bestEpoch() * (long) PlainLoop.STEPS_PER_EPOCH),
        new FlatParameters(result.model()).toFloats());
  }

  @Test
  void aMetricToStopByThatIsNotThereIsNamed() {
    SparkTrainer trainer = trainer(2).earlyStopping(2, "acuracy", true);
    String text =
        assertThrows(IllegalArgumentException.class, () -> trainer.fit(train())).getMessage();
    assertEquals(
        "early stopping by 'acuracy', which is no metric of [accuracy]: add .metric(\"acuracy\", ...)",
        text);
  }

  @Test
  void earlyStoppingGivesTheBestEpochsWeightsAlsoWhenAllEpochsAreDone() {
    ValidationCurve curve = new ValidationCurve(2, 12, 3);
    int epochs = curve.stop() - 1;
    TrainingResult result = trainer(2).epochs(epochs).earlyStopping(3).fit(train());
    assertEquals(StopReason.EPOCHS, result.stopReason());
    assertEquals(epochs, result.losses().size());
    assertEquals(curve.best(), result.bestEpoch());
    assertArrayEquals(
        PlainLoop.train(2, curve.best() * (long) PlainLoop.STEPS_PER_EPOCH),
        new FlatParameters(result.model()).toFloats());
  }

  @Test
  void theBitsStayWhenEveryMessageIsDeliveredTwice() {
    spark.session().conf().set("spark.sparkgrad.chaos", "duplicate");
    try {
      new ValidationCurve(3, 12, 2).check(trainer(3).epochs(12).earlyStopping(2).fit(train()));
    } finally {
      spark.session().conf().unset("spark.sparkgrad.chaos");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void maxMinutesEndsAtAStep(boolean validates) {
    List<Epoch> reported = new ArrayList<>();
    SparkTrainer trainer =
        PlainLoop.trainer(3).epochs(1_000_000).maxMinutes(0.5).onEpoch(reported::add);
    if (validates) trainer.validate(validation());
    AtomicLong seconds = new AtomicLong(); // each look at the clock takes one
    trainer.nanoClock = () -> seconds.incrementAndGet() * 1_000_000_000;
    TrainingResult result = trainer.fit(train());

    assertEquals(StopReason.TIME, result.stopReason());
    long steps = result.steps();
    assertArrayEquals(PlainLoop.train(3, steps), new FlatParameters(result.model()).toFloats());
    int epochs = (int) ((steps + PlainLoop.STEPS_PER_EPOCH - 1) / PlainLoop.STEPS_PER_EPOCH);
    assertEquals(epochs, result.losses().size());
    assertEquals(epochs, reported.size());
    boolean cut = steps % PlainLoop.STEPS_PER_EPOCH != 0;
    for (Epoch e : reported) assertEquals(cut && e.number() == epochs, e.partial());
    assertEquals(validates ? epochs : 0, result.validationLosses().size());
    if (validates)
      assertEquals(
          PlainLoop.validate(PlainLoop.train(3, steps), 3).loss(),
          result.validationLosses().get(epochs - 1));
  }

  @Test
  void aMetricThatFailsNamesItsPlace() {
    Metric fragile =
        (output, target) -> {
          if (target.numel() == 9) throw new IllegalStateException("I do not like nine rows");
          return new Metric.Value(0, 1);
        };
    TrainingException e =
        assertThrows(
            TrainingException.class, () -> trainer(2).metric("fragile", fragile).fit(train()));
    assertTrue( // 97 rows: worker 0 has 49, in batches of 20
        e.getMessage().contains("validation set after epoch 1, worker 0 (9 rows from row 80 on): ")
            && e.getMessage().contains("I do not like nine rows"),
        e.getMessage());
  }

  @Test
  void settingsThatNeedAValidationSetSaySo() {
    refused(
        "early stopping needs a validation set: add .validate(data)",
        PlainLoop.trainer(2).earlyStopping(1));
    refused(
        "metric 'accuracy' needs a validation set: add .validate(data)",
        PlainLoop.trainer(2).metric("accuracy", Metrics::accuracy));
    assertThrows(IllegalArgumentException.class, () -> PlainLoop.trainer(2).earlyStopping(0));
    assertThrows(IllegalArgumentException.class, () -> PlainLoop.trainer(2).maxMinutes(0));
    assertThrows(IllegalArgumentException.class, () -> PlainLoop.trainer(2).maxMinutes(Double.NaN));
  }

  @Test
  void problemsOfTheValidationSetAreNamedAsItsOwn() {
    refused(
        "validation set: there is no column 'x' (columns: row, xs, class): did you mean 'xs'?",
        PlainLoop.trainer(2).validate(validation().withColumnRenamed("x", "xs")));
    refused(
        "validation set: there is no column 'row' (columns: x, class)",
        PlainLoop.trainer(2).validate(validation().drop("row")));
    refused(
        "validation set: the data has no rows",
        PlainLoop.trainer(2).validate(validation().filter("row < 0")));
    refused(
        "validation set: column 'class' is null in row 4 (partition 0, row 4 of it): fill or drop"
            + " nulls first, e.g. data.na().drop()",
        PlainLoop.trainer(2)
            .validate(changed("class", "IF(row = " + (PlainLoop.ROWS + 4) + ", NULL, class)")));
    refused(
        "validation set: its rows have 7 numbers, those of the training set have 8",
        PlainLoop.trainer(2).validate(changed("x", "slice(x, 1, 7)")));
    refused(
        "validation set: the loss does not take the model's output and the labels of column"
            + " 'class': Target 3 is out of bounds: there are 3 classes (output of shape [2, 3] for"
            + " 2 rows; row 6 has label 3)",
        PlainLoop.trainer(2)
            .validate(changed("class", "IF(row = " + (PlainLoop.ROWS + 6) + ", 3, class)")));
  }

  @Test
  void aMetricThatDoesNotFitIsRefusedBeforeTheRun() {
    refused(
        "the metric 'error' does not take the model's output and the labels of column 'class':"
            + " meanAbsoluteError: an output of shape [2, 3] cannot be compared with targets of"
            + " shape [2] (output of shape [2, 3] for 2 rows; row 0 has label 0)",
        trainer(2).metric("error", Metrics::meanAbsoluteError));
  }

  /** One partition, so that rows are named by place. */
  private static Dataset<Row> changed(String column, String expression) {
    return validation().coalesce(1).withColumn(column, functions.expr(expression));
  }

  private static void refused(String text, SparkTrainer trainer) {
    assertEquals(
        text,
        assertThrows(IllegalArgumentException.class, () -> trainer.fit(train())).getMessage());
  }
}
