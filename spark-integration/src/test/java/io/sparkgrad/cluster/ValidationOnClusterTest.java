package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.nn.Metrics;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Validation and early stopping over two executor processes. */
@Tag("cluster")
class ValidationOnClusterTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.processes();

  @ParameterizedTest(name = "{0} workers, chaos: {1}")
  @CsvSource({"1, ''", "3, ''", "4, ''", "3, duplicate"})
  void earlyStoppingHasTheBitsOfAPlainLoop(int workers, String chaos) {
    spark.session().conf().set("spark.sparkgrad.chaos", chaos);
    try {
      TrainingResult result =
          PlainLoop.trainer(workers)
              .epochs(12)
              .validate(PlainLoop.validation(spark.session(), 5))
              .metric("accuracy", Metrics::accuracy)
              .earlyStopping(2)
              .fit(PlainLoop.data(spark.session(), 3));
      new ValidationCurve(workers, 12, 2).check(result);
      assertEquals(result.losses().size(), result.metrics().get("accuracy").size());
    } finally {
      spark.session().conf().unset("spark.sparkgrad.chaos");
    }
    assertEquals(Map.of(), spark.context().getPersistentRDDs());
  }
}
