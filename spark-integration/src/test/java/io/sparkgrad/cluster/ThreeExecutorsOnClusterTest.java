package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.optim.LAMB;
import io.sparkgrad.optim.Optimizer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Three executors have the bits of a loop in one thread, as one and two have. */
@Tag("cluster")
class ThreeExecutorsOnClusterTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.threeProcesses();

  @Test
  void twoInputsTwoOutputsBuffersAndRandomMasksHaveThem() {
    TrainingResult result = TwoInputs.trainer(4).epochs(3).fit(TwoInputs.data(spark.session(), 3));
    assertEquals(TwoInputs.expected(4, 3), Normed.state(result.model()));
  }

  @Test
  void rulesThatGoByNormsHaveThem() {
    Optimizer rule = new LAMB(0.02).clipNorm(0.1);
    TrainingResult result =
        PlainLoop.trainer(4, Normed::model).optimizer(rule).fit(PlainLoop.data(spark.session(), 3));
    assertEquals(
        Normed.state(PlainLoop.train(4, Normed::model, rule)), Normed.state(result.model()));
    assertEquals(0, result.normWireBytes()); // the model is one segment, of one executor
  }

  static Module wide() {
    return new Sequential(new Linear(PlainLoop.WIDTH, 300), new ReLU(), new Linear(300, 3));
  }

  @Test
  void segmentsOfSeveralExecutorsAddTheirNorms() {
    Optimizer rule = new LAMB(0.02).clipNorm(0.1);
    TrainingResult result =
        PlainLoop.trainer(4, ThreeExecutorsOnClusterTest::wide)
            .optimizer(rule)
            .fit(PlainLoop.data(spark.session(), 3));
    float[] expected = PlainLoop.train(4, ThreeExecutorsOnClusterTest::wide, rule);
    assertArrayEquals(expected, new FlatParameters(result.model()).toFloats(), 1e-5f);
    System.out.printf(
        "bytes of norms %d, of gradients and weights %d%n",
        result.normWireBytes(), result.wireBytes());
    assertTrue(result.normWireBytes() > 0);
  }
}
