package io.sparkgrad.cluster;

import static org.apache.spark.sql.functions.expr;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metrics;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.Tanh;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.ml.functions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Labels of several columns, of arrays, and none. */
class LabelsTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  private static Dataset<Row> data() {
    return PlainLoop.data(spark.session(), 3)
        .withColumn("a", expr("x[0] * 2"))
        .withColumn("b", expr("double(x[1] - x[2])"))
        .withColumn("both", expr("array(a, b)"))
        .withColumn("floats", expr("array(a, float(b))"))
        .withColumn("vector", functions.array_to_vector(expr("array(a, b)")));
  }

  private static Module two() {
    return new Linear(PlainLoop.WIDTH, 2);
  }

  private static Tensor targets(List<Integer> rows) {
    float[] y = new float[rows.size() * 2];
    for (int i = 0; i < rows.size(); i++) {
      float[] x = PlainLoop.features(rows.get(i));
      y[2 * i] = x[0] * 2;
      y[2 * i + 1] = x[1] - x[2];
    }
    return Tensor.of(y, rows.size(), 2);
  }

  private static SparkTrainer trainer(int workers, String... labels) {
    return PlainLoop.trainer(workers, LabelsTest::two).loss(Losses::mse).label(labels);
  }

  private static float[] numbers(TrainingResult result) {
    return new FlatParameters(result.model()).toFloats();
  }

  @ParameterizedTest
  @CsvSource({"1, a b", "4, a b", "3, both", "3, floats", "3, vector"})
  void severalColumnsAnArrayAndAVectorAreAMatrixAsAPlainLoopHasIt(int workers, String labels) {
    float[] expected =
        PlainLoop.train(
            workers,
            PlainLoop.EPOCHS,
            LabelsTest::two,
            (model, rows) -> Losses.mse(model.forward(PlainLoop.inputs(rows)), targets(rows)));
    assertArrayEquals(expected, numbers(trainer(workers, labels.split(" ")).fit(data())));
  }

  @Test
  void wholeNumbersStayWholeAndMixedOnesDoNot() {
    Dataset<Row> data = data().selectExpr("*", "int(class = 1) one", "class = 2 other");
    assertEquals("torch.int64 [331, 2]", seen(data, "one", "other"));
    assertEquals("torch.int64 [331]", seen(data, "one"));
    assertEquals("torch.float32 [331, 2]", seen(data, "one", "a"));
    assertEquals("torch.int64 [331, 3]", seen(data.selectExpr("*", "array(1, 2, class) l"), "l"));
    assertEquals("torch.float32 [331, 1]", seen(data.selectExpr("*", "array(a) l"), "l"));
  }

  private static String seen(Dataset<Row> data, String... labels) {
    SEEN.set(null);
    Loss loss =
        (output, target) -> {
          SEEN.set(target.dtype() + " " + Arrays.toString(target.shape()));
          return new Loss.Value(output.sum(), output.size(0));
        };
    trainer(1, labels).loss(loss).batchSize(1000).epochs(1).fit(data);
    return SEEN.get();
  }

  private static final AtomicReference<String> SEEN = new AtomicReference<>();

  private static Module narrow() {
    return new Sequential(
        new Linear(PlainLoop.WIDTH, 3), new Tanh(), new Linear(3, PlainLoop.WIDTH));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void withoutALabelTheTargetIsTheInput(int workers) {
    float[] expected =
        PlainLoop.train(
            workers,
            PlainLoop.EPOCHS,
            LabelsTest::narrow,
            (model, rows) ->
                Losses.mse(model.forward(PlainLoop.inputs(rows)), PlainLoop.inputs(rows)));
    SparkTrainer trainer = PlainLoop.trainer(workers, LabelsTest::narrow).loss(Losses::mse).label();
    TrainingResult result =
        trainer.validate(data()).metric("rmse", Metrics.rmse()).fit(data().drop("class"));
    assertArrayEquals(expected, numbers(result));
    assertEquals(
        Math.sqrt(result.validationLosses().get(2)), result.metrics().get("rmse").get(2), 1e-6);
    Dataset<Row> back = result.predict(data());
    assertEquals(
        PlainLoop.WIDTH, back.head().getList(back.schema().fieldIndex("prediction")).size());
    trainer.batchLoss((out, batch) -> Losses.mse(out.only(), batch.inputs().get("features")));
    assertArrayEquals(expected, numbers(trainer.fit(data())));
  }

  @Test
  void aNumberOfALabelThatCannotBeReadIsNamedByColumnRowAndPosition() {
    Dataset<Row> data =
        data()
            .selectExpr(
                "row",
                "x",
                "a",
                "if(row = 40, null, b) b",
                "array(a, if(row = 7, null, b)) hole",
                "if(row = 9, array(a), both) short",
                "array(a, if(row = 5, double('NaN'), b)) nan",
                "array(9007199254740993L * (row + 1)) ids");
    assertTrue(refused(data, "a", "b").startsWith("column 'b' is null in row 40 ("));
    assertTrue(
        refused(data, "hole").startsWith("label column 'hole' has null at position 1 in row 7 ("));
    assertTrue(
        refused(data, "a", "short")
            .startsWith("column 'short': row 9 has 1 numbers where row 0 has 2 ("));
    assertTrue(
        refused(data, "nan").startsWith("label column 'nan' is NaN at position 1 in row 5 ("));
    assertTrue(refused(data, "ids").contains("at position 0 in row 0 ("), refused(data, "ids"));
    assertTrue(refused(data, "ids").contains("whole numbers beyond 2^53"), refused(data, "ids"));
  }

  @Test
  void whatDoesNotFitALabelIsRefusedBeforeTraining() {
    assertEquals(
        "no label column set: add .label(\"digit\"), or .label() if there is none",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    SparkTrainer.of(LabelsTest::two)
                        .loss(Losses::mse)
                        .optimizer(PlainLoop.RULE)
                        .features("x")
                        .fit(data()))
            .getMessage());
    assertTrue(
        refused(data(), "a", "b", "b")
            .startsWith(
                "the loss does not take the model's output and the labels of column 'a, b, b'"),
        refused(data(), "a", "b", "b"));
    assertEquals(
        "the loss does not take the model's output and its input as the target: ",
        refused(data()).substring(0, 71));
    SparkTrainer several = TwoInputs.trainer(2).label().loss(Losses::mse);
    String text =
        assertThrows(
                IllegalArgumentException.class,
                () -> several.fit(TwoInputs.data(spark.session(), 2)))
            .getMessage();
    assertTrue(
        text.startsWith(
            "without a label the loss compares the output with the model's input, which must be one matrix of numbers then, not [dense [x], "),
        text);
  }

  @Test
  void aConfusionMatrixNeedsOneLabel() {
    TrainingResult result = trainer(2, "a", "b").fit(data());
    String text =
        assertThrows(IllegalArgumentException.class, () -> result.confusionMatrix(data()))
            .getMessage();
    assertEquals("a confusion matrix needs one label column, and the training had a, b", text);
  }

  private static String refused(Dataset<Row> data, String... labels) {
    return assertThrows(IllegalArgumentException.class, () -> trainer(2, labels).fit(data))
        .getMessage();
  }
}
