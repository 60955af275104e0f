package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.optim.Adam;
import io.sparkgrad.optim.LinearLR;
import io.sparkgrad.optim.LocalOptimizer;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.ParameterGroup;
import io.sparkgrad.optim.SGD;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A parameter that a step does not use is skipped, as an optimizer object skips it. */
class MissingGradientsTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  /** Adds a second layer's output for some batches, and never a third one's. */
  static final class Moody extends Module {
    private static final long serialVersionUID = 1L;
    final Linear always = new Linear(PlainLoop.WIDTH, 3);
    final Linear sometimes = new Linear(PlainLoop.WIDTH, 3);
    final Linear never = new Linear(PlainLoop.WIDTH, 3);

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = always.forward(x);
      return isUsed(x) ? y.add(sometimes.forward(x)) : y;
    }

    static boolean isUsed(Tensor x) {
      return x.select(0, 0).sum().item() > 8 * 0.55;
    }
  }

  static Stream<Arguments> rules() {
    List<Optimizer> rules =
        List.of(
            new SGD(0.05).momentum(0.9).weightDecay(0.1),
            new Adam(0.01).weightDecay(0.1),
            new Adam(0.01)
                .schedule(new LinearLR(1, 0.1, 40))
                .groups(
                    ParameterGroup.of("*.bias").rateFactor(2),
                    ParameterGroup.of("sometimes.*").weightDecay(0.1),
                    ParameterGroup.of("always.bias").frozen()));
    return Stream.of(1, 3, 4)
        .flatMap(workers -> rules.stream().map(rule -> Arguments.of(workers, rule)));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void trainsToTheBitsOfAPlainLoop(int workers, Optimizer rule) {
    TrainingResult result =
        PlainLoop.trainer(workers, Moody::new)
            .optimizer(rule)
            .fit(PlainLoop.data(spark.session(), 3));
    assertArrayEquals(
        PlainLoop.train(workers, Moody::new, rule), new FlatParameters(result.model()).toFloats());
  }

  @Test
  void aParameterThatNobodyUsesKeepsItsFirstValueInSpiteOfWeightDecay() {
    TrainingResult result =
        PlainLoop.trainer(2, Moody::new)
            .optimizer(new SGD(0.05).weightDecay(0.1))
            .fit(PlainLoop.data(spark.session(), 2));
    Moody before = (Moody) PlainLoop.firstModel(Moody::new);
    Moody after = (Moody) result.model();
    assertArrayEquals(before.never.weight.toFloats(), after.never.weight.toFloats());
    assertFalse(
        Arrays.equals(before.sometimes.weight.toFloats(), after.sometimes.weight.toFloats()));
  }

  @Test
  void thePlainLoopIsWhatAnOptimizerObjectDoes() {
    Optimizer rule = new Adam(0.01).weightDecay(0.1);
    Module model = PlainLoop.firstModel(Moody::new);
    LocalOptimizer optimizer = rule.over(model.parameters());
    int used = 0;
    for (int step = 0; step < 3 * PlainLoop.STEPS_PER_EPOCH; step++) {
      List<Integer> rows = PlainLoop.rows(step);
      if (Moody.isUsed(PlainLoop.inputs(rows))) used++;
      PlainLoop.loss(model, rows).mean().backward();
      optimizer.step();
      optimizer.zeroGrad();
    }
    assertTrue(used > 5 && used < 2 * PlainLoop.STEPS_PER_EPOCH, used + " steps use it");
    float[] plain = PlainLoop.train(1, 3, Moody::new, rule);
    float[] local = new FlatParameters(model).toFloats();
    for (int i = 0; i < plain.length; i++) assertEquals(plain[i], local[i], 1e-5f, "at " + i);
  }
}
