package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Module;
import io.sparkgrad.optim.LAMB;
import io.sparkgrad.optim.LocalOptimizer;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.random.Generator;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules that go by norms of gradients and weights. */
class NormsTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  static Stream<Optimizer> rules() {
    return Stream.of(
        new SGD(0.05).momentum(0.9).clipNorm(0.1),
        new LAMB(0.02),
        new LAMB(0.02).weightDecay(0.1).clipNorm(0.1));
  }

  static Stream<Arguments> rulesAndWorkers() {
    return rules().flatMap(r -> Stream.of(1, 3, 4).map(k -> Arguments.of(r, k)));
  }

  @ParameterizedTest
  @MethodSource("rulesAndWorkers")
  void trainToTheBitsOfAPlainLoop(Optimizer rule, int workers) {
    TrainingResult result =
        PlainLoop.trainer(workers, Normed::model)
            .optimizer(rule)
            .fit(PlainLoop.data(spark.session(), 3));
    assertEquals(
        Normed.state(PlainLoop.train(workers, Normed::model, rule)), Normed.state(result.model()));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void areWhatAnOptimizerObjectDoes(Optimizer rule) {
    // Without batch norm, before which a bias has no gradient but rounding: LAMB would go by that.
    Module model = PlainLoop.firstModel(PlainLoop::model);
    LocalOptimizer optimizer = rule.over(model.namedParameters());
    for (int step = 0; step < PlainLoop.EPOCHS * PlainLoop.STEPS_PER_EPOCH; step++) {
      try (var random = Generator.use(Generator.of(0, 0, step))) {
        PlainLoop.loss(model, PlainLoop.rows(step)).mean().backward();
      }
      optimizer.step();
      optimizer.zeroGrad();
    }
    TrainingResult result =
        PlainLoop.trainer(1, PlainLoop::model)
            .optimizer(rule)
            .fit(PlainLoop.data(spark.session(), 2));
    Map<String, Tensor> expected = model.stateDict();
    result
        .model()
        .stateDict()
        .forEach(
            (name, t) -> {
              double off = t.sub(expected.get(name)).abs().max().item();
              assertTrue(off < 1e-6, name + " is off by " + off);
            });
  }
}
