package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Buffer;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Metrics;
import io.sparkgrad.nn.Module;
import io.sparkgrad.optim.AdamW;
import io.sparkgrad.optim.LocalOptimizer;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.ParameterGroup;
import io.sparkgrad.random.Generator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Buffers move by the mean over the workers' rows, and modes are as PyTorch's users set them. */
class BuffersTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4})
  void trainToTheBitsOfAPlainLoop(int workers) {
    TrainingResult result =
        PlainLoop.trainer(workers, Normed::model).fit(PlainLoop.data(spark.session(), 3));
    assertEquals(
        Normed.state(PlainLoop.train(workers, Normed::model, PlainLoop.RULE)),
        Normed.state(result.model()));
    Map<String, Tensor> state = result.model().stateDict();
    assertEquals(
        PlainLoop.EPOCHS * PlainLoop.STEPS_PER_EPOCH,
        state.get("2.num_batches_tracked").itemLong());
    assertFalse(result.model().isTraining());
  }

  @Test
  void groupsOfParametersLeaveThemAlone() {
    Optimizer rule =
        new AdamW(0.01)
            .groups(
                ParameterGroup.of("*.bias").weightDecay(0).rateFactor(2),
                ParameterGroup.of("1.weight").frozen());
    TrainingResult result =
        PlainLoop.trainer(3, Normed::model).optimizer(rule).fit(PlainLoop.data(spark.session(), 3));
    assertEquals(
        Normed.state(PlainLoop.train(3, Normed::model, rule)), Normed.state(result.model()));
    assertEquals(
        Normed.state(PlainLoop.firstModel(Normed::model)).get("1.weight"),
        Normed.state(result.model()).get("1.weight"));
  }

  @Test
  void thePlainLoopOfOneWorkerIsWhatAnOptimizerObjectDoes() {
    Module model = PlainLoop.firstModel(Normed::model);
    LocalOptimizer optimizer = PlainLoop.RULE.over(model.parameters());
    for (int step = 0; step < PlainLoop.EPOCHS * PlainLoop.STEPS_PER_EPOCH; step++) {
      try (var random = Generator.use(Generator.of(0, 0, step))) {
        PlainLoop.loss(model, PlainLoop.rows(step)).mean().backward();
      }
      optimizer.step();
      optimizer.zeroGrad();
    }
    Module plain = PlainLoop.firstModel(Normed::model);
    new FlatParameters(plain).bind(PlainLoop.train(1, Normed::model, PlainLoop.RULE));
    Map<String, Tensor> expected = model.stateDict();
    plain
        .stateDict()
        .forEach(
            (name, t) -> {
              double off = t.sub(expected.get(name)).abs().max().item();
              assertTrue(off < 1e-5, name + " is off by " + off);
            });
  }

  @Test
  void validationAndPredictionNeitherMoveThemNorDrop() {
    var data = PlainLoop.data(spark.session(), 2);
    TrainingResult plain = PlainLoop.trainer(4, Normed::model).fit(data);
    TrainingResult validated =
        PlainLoop.trainer(4, Normed::model)
            .validate(PlainLoop.validation(spark.session(), 2))
            .metric("accuracy", Metrics::accuracy)
            .fit(data);
    assertEquals(Normed.state(plain.model()), Normed.state(validated.model()));

    Module model = validated.model();
    try (var quiet = Grad.noGrad()) {
      List<Integer> rows = IntStream.range(0, 50).boxed().toList();
      double[] expected = model.forward(PlainLoop.inputs(rows)).argmax(1).toDoubles();
      List<Row> predicted =
          validated.classify(data).where("row < 50").orderBy("row").collectAsList();
      for (int i = 0; i < expected.length; i++)
        assertEquals(expected[i], predicted.get(i).<Double>getAs("prediction"), "row " + i);
    }
    assertEquals(Normed.state(plain.model()), Normed.state(validated.model()));
  }

  /** Counts the rows that it sees. */
  static final class Counting extends Module {
    private static final long serialVersionUID = 1L;
    final Linear linear = new Linear(PlainLoop.WIDTH, 3);
    final Buffer rows = new Buffer(Tensor.of(new long[] {5}, 1));

    @Override
    public Tensor forward(Tensor x) {
      if (isTraining()) rows.add_(x.size(0));
      return linear.forward(x);
    }
  }

  @Test
  void wholeNumbersThatWorkersChangeDifferentlyTakeTheLargest() {
    TrainingResult result =
        PlainLoop.trainer(3, Counting::new).fit(PlainLoop.data(spark.session(), 2));
    int steps = PlainLoop.STEPS_PER_EPOCH - 1; // of 20 rows, 7 with one worker; the last has 11
    assertEquals(
        5 + PlainLoop.EPOCHS * (steps * 7L + 4), result.model().stateDict().get("rows").itemLong());
  }

  /** Counts further than a float32 does. */
  static final class Leaping extends Module {
    private static final long serialVersionUID = 1L;
    final Linear linear = new Linear(PlainLoop.WIDTH, 3);
    final Buffer count = new Buffer(Tensor.of(new long[] {0}, 1));

    @Override
    public Tensor forward(Tensor x) {
      if (isTraining()) count.add_(1L << 23);
      return linear.forward(x);
    }
  }

  @Test
  void wholeNumbersBeyondWhatTravelsExactlyAreRefusedByName() {
    TrainingException e =
        assertThrows(
            TrainingException.class,
            () -> PlainLoop.trainer(3, Leaping::new).fit(PlainLoop.data(spark.session(), 2)));
    assertTrue(e.getMessage().contains("buffer count changed by 2^24"), e.getMessage());
  }

  /** A mask is no number that has a mean. */
  static final class Masked extends Module {
    private static final long serialVersionUID = 1L;
    final Linear linear = new Linear(PlainLoop.WIDTH, 3);
    final Buffer mask = new Buffer(Tensor.ones(3).gt(0));

    @Override
    public Tensor forward(Tensor x) {
      return linear.forward(x).mul(mask);
    }
  }

  @Test
  void aBufferThatHasNoMeanMustBeConstant() {
    Exception e =
        assertThrows(
            RuntimeException.class,
            () -> PlainLoop.trainer(2, Masked::new).fit(PlainLoop.data(spark.session(), 2)));
    assertTrue(e.getMessage().contains("buffer mask is torch.bool"), e.getMessage());
    assertTrue(e.getMessage().contains("constant()"), e.getMessage());
  }

  @Test
  void aModelThatCannotTrainOnASingleRowIsRefusedBeforeAStepHasOne() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                PlainLoop.trainer(4, Normed::model)
                    .batchSize(163) // of 331: the last step has 5
                    .fit(PlainLoop.data(spark.session(), 2)));
    assertTrue(
        e.getMessage().startsWith("331 rows in batches of 163 leave one of the 4 workers a single"),
        e.getMessage());
    PlainLoop.trainer(2, Normed::model)
        .batchSize(163)
        .epochs(1)
        .fit(PlainLoop.data(spark.session(), 2));
  }

  /** As PyTorch's self.seen = self.seen + 1. */
  static final class Reassigning extends Module {
    private static final long serialVersionUID = 1L;
    final Linear linear = new Linear(PlainLoop.WIDTH, 3);
    Buffer seen = new Buffer(Tensor.zeros(1));

    @Override
    public Tensor forward(Tensor x) {
      if (isTraining()) seen = new Buffer(seen.add(1));
      return linear.forward(x);
    }
  }

  @Test
  void aBufferThatForwardAssignsAnewIsRefusedByName() {
    TrainingException e =
        assertThrows(
            TrainingException.class,
            () -> PlainLoop.trainer(2, Reassigning::new).fit(PlainLoop.data(spark.session(), 2)));
    assertTrue(e.getMessage().contains("forward assigned buffer seen anew"), e.getMessage());
  }

  @Test
  void rowsThatTheLossIgnoresMoveThemAllTheSame() {
    TrainingResult result =
        PlainLoop.trainer(2, Normed::model)
            .loss(
                (output, target) ->
                    target.eq(0).any().itemLong() != 0 && output.size(0) > 6
                        ? new Loss.Value(output.sum().mul(0), 0)
                        : Losses.crossEntropy(output, target))
            .epochs(1)
            .fit(PlainLoop.data(spark.session(), 2));
    assertEquals(
        PlainLoop.STEPS_PER_EPOCH,
        result.model().stateDict().get("2.num_batches_tracked").itemLong());
  }
}
