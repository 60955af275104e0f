package io.sparkgrad.cluster.trained;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.SparkCluster;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("cluster")
class PredictOnClusterTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.processes();

  @Test
  void executorsPredictAsTheDriverDoes() {
    ModelSupplier supplier = () -> new Sequential(new Linear(2, 8), new ReLU(), new Linear(8, 1));
    TrainedModel model =
        TrainedModel.of(
            supplier,
            supplier.get(),
            new TrainingFacts(List.of("x", "y"), new int[] {1, 1}, Map.of(), Map.of()));
    Dataset<Row> data =
        spark.session().range(0, 2000, 1, 5).selectExpr("id", "id / 1000 as x", "cos(id) as y");
    List<Row> predicted = model.predict(data).collectAsList();
    float[] features = new float[4000];
    for (int i = 0; i < 2000; i++) {
      features[2 * i] = (float) (i / 1000.0);
      features[2 * i + 1] = (float) Math.cos(i);
    }
    double[] expected = model.model().forward(Tensor.of(features, 2000, 2)).toDoubles();
    assertEquals(2000, predicted.size());
    for (int i = 0; i < 2000; i++) {
      assertEquals(i, predicted.get(i).getLong(0));
      assertEquals(expected[i], predicted.get(i).getDouble(3), 1e-5);
    }
  }
}
