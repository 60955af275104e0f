package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.optim.Adagrad;
import io.sparkgrad.optim.Adam;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.ParameterGroup;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.optim.SparseAdam;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Embeddings whose tables stay rows on the servers. */
class TablesTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  /**
   * The last one but one is lazy; the last moves all rows in each step: the table is trained whole.
   */
  static Stream<Arguments> rules() {
    List<Optimizer> rules =
        List.of(
            new SGD(0.05),
            new Adagrad(0.05),
            new SparseAdam(0.01)
                .clipValue(0.01)
                .groups(
                    ParameterGroup.of("first.*").rateFactor(3),
                    ParameterGroup.of("second.weight").frozen()),
            new SGD(0.05).momentum(0.9));
    return Stream.of(1, 3, 4)
        .flatMap(workers -> rules.stream().map(rule -> Arguments.of(workers, rule)));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void trainsToTheBitsOfAPlainLoop(int workers, Optimizer rule) {
    TrainingResult result =
        PlainLoop.trainer(workers, LookUpModel::new)
            .optimizer(rule)
            .fit(PlainLoop.data(spark.session(), 3));
    assertArrayEquals(
        PlainLoop.train(workers, LookUpModel::new, rule),
        new FlatParameters(result.model()).toFloats());
  }

  @Test
  void validationReadsTheRowsThatItLooksUp() {
    TrainingResult result =
        PlainLoop.trainer(3, LookUpModel::new)
            .optimizer(new SGD(0.05))
            .validate(PlainLoop.validation(spark.session(), 2))
            .fit(PlainLoop.data(spark.session(), 2));
    assertEquals(PlainLoop.EPOCHS, result.validationLosses().size());
    assertTrue(result.validationLosses().get(2) < result.validationLosses().get(0));
  }

  /** A table whose group moves all rows in each step is trained whole, and so are the others. */
  @Test
  void tablesAreTrainedWholeWhereAGroupSaysSo() {
    Optimizer rule = new SGD(0.05).groups(ParameterGroup.of("first.weight").weightDecay(0.1));
    TrainingResult result =
        PlainLoop.trainer(3, LookUpModel::new)
            .optimizer(rule)
            .fit(PlainLoop.data(spark.session(), 3));
    assertArrayEquals(
        PlainLoop.train(3, LookUpModel::new, rule), new FlatParameters(result.model()).toFloats());
  }

  @Test
  void aGroupWithoutAParameterSaysSoBeforeDataIsRead() {
    SparkTrainer trainer =
        PlainLoop.trainer(2, LookUpModel::new)
            .optimizer(new SGD(0.05).groups(ParameterGroup.of("third.*").frozen()));
    String text =
        assertThrows(
                IllegalArgumentException.class,
                () -> trainer.fit(PlainLoop.data(spark.session(), 1)))
            .getMessage();
    assertEquals(
        "groups of the optimizer: no parameter is named 'third.*'; there are top.weight, top.bias,"
            + " first.weight, second.weight",
        text);
  }

  @Test
  void aGroupOfWhatTheModelFreezesSaysSoBeforeDataIsRead() {
    SparkTrainer trainer =
        PlainLoop.trainer(
                2,
                () -> {
                  LookUpModel model = new LookUpModel();
                  model.namedParameters().get("top.bias").requiresGrad_(false);
                  return model;
                })
            .optimizer(new SGD(0.05).groups(ParameterGroup.of("*.bias").rateFactor(2)));
    String text =
        assertThrows(
                IllegalArgumentException.class,
                () -> trainer.fit(PlainLoop.data(spark.session(), 1)))
            .getMessage();
    assertEquals(
        "groups of the optimizer: no parameter is named '*.bias'; there are top.weight,"
            + " first.weight, second.weight; frozen in the model are top.bias",
        text);
  }

  @Test
  void aRuleThatTakesNoRowsSaysSoBeforeDataIsRead() {
    SparkTrainer trainer = PlainLoop.trainer(2, LookUpModel::new).optimizer(new Adam(0.1));
    String text =
        assertThrows(
                IllegalArgumentException.class,
                () -> trainer.fit(PlainLoop.data(spark.session(), 1)))
            .getMessage();
    assertTrue(
        text.startsWith("parameter 'first.weight': Adam does not support sparse gradients"), text);
  }
}
