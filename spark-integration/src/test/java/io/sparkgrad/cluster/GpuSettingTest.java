package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Device;
import io.sparkgrad.backend.cpu.Blas;
import io.sparkgrad.cluster.fitting.Processor;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Effects of the setting on a machine without a GPU. */
class GpuSettingTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  /** Rows whose reading would fail. */
  private static Dataset<Row> unreadable() {
    return PlainLoop.data(spark.session(), 2)
        .withColumn(
            "x", functions.array(functions.raise_error(functions.lit("read")).cast("float")));
  }

  @Test
  void autoTrainsOnTheCpuAndTheResultSaysSo() {
    assertFalse(Device.cudaIsAvailable(), "pom.xml hides GPUs from these tests");
    TrainingResult result =
        PlainLoop.trainer(2).gpu("auto").fit(PlainLoop.data(spark.session(), 2));
    assertEquals(List.of(new Processor("driver", "cpu", Blas.kernels())), result.processors());
    assertFalse(result.processors().get(0).isGpu());
    assertEquals("executor driver: cpu", result.trained().facts().run().get("processors"));
    assertEquals("", result.nondeterminism());
  }

  @Test
  void requireFailsWithTheReasonBeforeItReadsAnything() {
    assertFalse(Device.cudaIsAvailable(), "pom.xml hides GPUs from these tests");
    TrainingException e =
        assertThrows(
            TrainingException.class, () -> PlainLoop.trainer(2).gpu("require").fit(unreadable()));
    assertTrue(
        e.getMessage()
            .startsWith(
                "spark.sparkgrad.gpu=require, but no GPU can be used: "
                    + Device.whyNoCuda()
                    + ". "),
        e.getMessage());
  }

  @Test
  void theSessionsSettingHoldsUnlessTheTrainerHasItsOwn() {
    spark.session().conf().set("spark.sparkgrad.gpu", "require");
    try {
      assertFalse(Device.cudaIsAvailable(), "pom.xml hides GPUs from these tests");
      assertThrows(TrainingException.class, () -> PlainLoop.trainer(2).fit(unreadable()));
      assertEquals(
          "executor driver: cpu",
          PlainLoop.trainer(2)
              .gpu("off")
              .fit(PlainLoop.data(spark.session(), 2))
              .processors()
              .get(0)
              .toString());
    } finally {
      spark.session().conf().unset("spark.sparkgrad.gpu");
    }
  }

  @Test
  void aValueThatMeansNothingIsAnErrorAtOnce() {
    assertEquals(
        "gpu must be off, auto or require, got 'on'",
        assertThrows(IllegalArgumentException.class, () -> PlainLoop.trainer(1).gpu("on"))
            .getMessage());
    spark.session().conf().set("spark.sparkgrad.gpu", "yes");
    try {
      assertEquals(
          "spark.sparkgrad.gpu must be off, auto or require, got 'yes'",
          assertThrows(IllegalArgumentException.class, () -> PlainLoop.trainer(1).fit(unreadable()))
              .getMessage());
    } finally {
      spark.session().conf().unset("spark.sparkgrad.gpu");
    }
  }
}
