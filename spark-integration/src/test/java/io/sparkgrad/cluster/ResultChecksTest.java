package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Grad;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metric;
import io.sparkgrad.optim.SGD;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What leaves a run is finite, or an error says what is not, where, and since when. */
class ResultChecksTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  private static final Loss TRAINING_ONLY_FINITE =
      (output, target) -> {
        Loss.Value value = Losses.mse(output, target);
        boolean scoring = TaskContext.get() != null && !Grad.isEnabled();
        return scoring ? new Loss.Value(value.sum().mul(Double.NaN), value.denominator()) : value;
      };

  private static Dataset<Row> line() {
    return spark.session().range(0, 40, 1, 2).selectExpr("1d AS one", "100d + id % 2 AS y");
  }

  private static SparkTrainer trainer() {
    return SparkTrainer.of(() -> new Linear(1, 1))
        .loss(Losses::mse)
        .optimizer(new SGD(1e-3))
        .features("one")
        .label("y")
        .batchSize(10)
        .workers(2);
  }

  private static String failure(SparkTrainer trainer) {
    return assertThrows(TrainingException.class, () -> trainer.fit(line())).getMessage();
  }

  private static void assertContains(String text, String... parts) {
    for (String part : parts) assertTrue(text.contains(part), text);
  }

  @Test
  void weightsThatTheLastStepBreaksAreNamed() {
    assertContains(
        failure(trainer().batchSize(40).optimizer(new SGD(1e38))),
        "parameter 'weight' is Infinity at [0, 0], not finite, after epoch 1, step 1: lower the learning rate");
  }

  @Test
  void weightsThatAnEarlierStepBrokeAreNamedByTheNext() {
    assertContains(
        failure(trainer().batchSize(20).optimizer(new SGD(1e38))),
        "epoch 1, step 1, worker ",
        "is not finite, as parameter 'weight' is Infinity at [0, 0] by then");
  }

  @Test
  void aGradientIsNamedByItsParameter() {
    Loss root =
        (output, target) ->
            new Loss.Value(output.sub(output).pow(0.5).sum(), target.numel()); // 0 / 0
    assertContains(
        failure(trainer().loss(root)),
        "epoch 1, step 0, worker ",
        "the gradient of parameter 'weight' is NaN at [0, 0], not finite");
  }

  @Test
  void aValidationLossThatIsNotFinite() {
    assertContains(
        failure(trainer().loss(TRAINING_ONLY_FINITE).validate(line())),
        "validation set after epoch 1, worker ",
        "loss NaN over ",
        "is not finite");
  }

  @Test
  void denominatorsOfZeroSayThatNoRowCounts() {
    Loss nothing = (output, target) -> new Loss.Value(output.sum().mul(0), 0);
    assertContains(
        failure(trainer().loss(nothing)), "no row counts in epoch 1: over all of the rows");
    Loss nothingScored =
        (output, target) -> new Loss.Value(output.sum(), Grad.isEnabled() ? target.numel() : 0);
    assertContains(
        failure(trainer().loss(nothingScored).validate(line())),
        "no row counts in epoch 1: over all of the validation rows");
  }

  @Test
  void denominatorsBelowZero() {
    Loss negative =
        (output, target) ->
            new Loss.Value(output.sum(), TaskContext.get() == null ? 1 : -target.numel());
    assertContains(failure(trainer().loss(negative)), "the loss divides by -", "epoch 1, step 0");
    Loss early = (output, target) -> new Loss.Value(output.sum(), -1);
    String text =
        assertThrows(IllegalArgumentException.class, () -> trainer().loss(early).fit(line()))
            .getMessage();
    assertContains(text, "the loss divides by -1.0");
  }

  @Test
  void aMetricMayBeNaN() {
    Metric undefined = (output, target) -> new Metric.Value(0, 0);
    TrainingResult result = trainer().validate(line()).metric("recall", undefined).fit(line());
    assertEquals(List.of(Double.NaN), result.metrics().get("recall"));
  }

  @Test
  void aLabelBeyondFloat32IsNamedByItsRow() {
    String text =
        assertThrows(
                IllegalArgumentException.class,
                () -> trainer().fit(line().selectExpr("one", "if(y > 100, 1e39, y) AS y")))
            .getMessage();
    assertContains(
        text, "label column 'y' is 1.0E39 in row 1 ", "float32 ends at 3.4E38; scale the column");
  }

  @Test
  void ignoredTargetsTrain() {
    Dataset<Row> data =
        PlainLoop.data(spark.session(), 2)
            .selectExpr("row", "x", "if(row % 5 = 0, -100, class) AS class");
    Dataset<Row> without = data.where("class >= 0");
    // With one batch an epoch, rows that do not count change nothing.
    SparkTrainer trainer = PlainLoop.trainer(2).batchSize(PlainLoop.ROWS);
    List<Double> some = trainer.fit(data).losses();
    List<Double> all = trainer.fit(without).losses();
    for (int i = 0; i < all.size(); i++) assertEquals(all.get(i), some.get(i), 1e-5);
    Dataset<Row> none = data.selectExpr("row", "x", "-100 AS class");
    assertContains(
        assertThrows(TrainingException.class, () -> PlainLoop.trainer(2).fit(none)).getMessage(),
        "no row counts in epoch 1");
  }
}
