package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.SGD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tables of rows over two executor processes with heaps of 1 GB. */
@Tag("cluster")
class TablesOnClusterTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.processes();
  private static final Optimizer RULE = new SGD(0.05);

  private static float[] trained(TrainingResult result) {
    return new FlatParameters(result.model()).toFloats();
  }

  @Test
  void aMillionRowsTrainToTheBitsOfAPlainLoop() {
    ModelSupplier large = () -> new LookUpModel(1 << 20, 16);
    Dataset<Row> data = PlainLoop.data(spark.session(), 2);
    float[] expected = PlainLoop.train(2, 1, large, RULE);
    boolean shared = false;
    /* On a busy machine the first executor may be done before Spark has started a task on the second. */
    for (int fit = 0; fit < 10 && !shared; fit++) {
      TrainingResult result = PlainLoop.trainer(2, large).optimizer(RULE).epochs(1).fit(data);
      assertArrayEquals(expected, trained(result));
      shared = result.wireBytes() > 0;
    }
    assertTrue(shared, "no fit was shared by two executors");
  }

  @Test
  void aKilledExecutorChangesNoBit() {
    boolean[] killed = {false};
    TrainingResult result =
        PlainLoop.trainer(4, LookUpModel::new)
            .optimizer(RULE)
            .onEpoch(
                epoch -> {
                  if (!killed[0]) SparkCluster.kill(SparkCluster.executors().get(0));
                  killed[0] = true;
                })
            .fit(PlainLoop.data(spark.session(), 2));
    assertArrayEquals(PlainLoop.train(4, LookUpModel::new, RULE), trained(result));
  }
}
