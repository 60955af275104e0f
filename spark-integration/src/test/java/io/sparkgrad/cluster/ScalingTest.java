package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.optim.SGD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ScalingTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  private static Dataset<Row> data(int partitions) {
    return spark
        .session()
        .range(0, 100, 1, partitions)
        .selectExpr(
            "1000 + 10 * id AS a", "array(7f, cast(id % 2 AS float)) AS b", "id * 2.0 AS y");
  }

  @Test
  void standardGivesMeanAndDeviationOfEveryNumber() {
    for (int partitions : new int[] {1, 3, 120}) { // 120: some are empty
      Scaling scaling = Scaling.standard(data(partitions), "a", "b");
      assertArrayEquals(new double[] {1495, 7, 0.5}, scaling.mean(), 1e-9);
      assertArrayEquals(new double[] {Math.sqrt(83325), 1, 0.5}, scaling.deviation(), 1e-9);
    }
  }

  @Test
  void theLayerTrainsWhatRawNumbersWouldBlowUp() {
    Scaling scaling = Scaling.standard(data(2), "a");
    SparkTrainer trainer =
        SparkTrainer.of(() -> new Sequential(scaling.layer(), new Linear(1, 1)))
            .loss(Losses::mse)
            .optimizer(new SGD(0.2))
            .features("a")
            .label("y")
            .batchSize(100)
            .epochs(60)
            .workers(2);
    TrainingResult result = trainer.fit(data(2));
    assertEquals(100, result.model().forward(Tensor.tensor(new double[][] {{1500}})).item(), 0.5);
    assertArrayEquals(
        new double[] {1495},
        ((Sequential) result.model()).stateDict().get("0.mean").toDoubles(),
        1e-3);
  }

  @Test
  void aBadValueIsNamedWithItsRow() {
    Dataset<Row> holes = data(3).selectExpr("if(y = 150, null, a) AS a");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Scaling.standard(holes, "a"));
    assertTrue(e.getMessage().startsWith("column 'a' is null in row 75 "), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> Scaling.standard(data(1).limit(0), "a"));
  }
}
