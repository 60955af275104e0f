package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Device;
import io.sparkgrad.cluster.fitting.Processor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Spark promises executors a GPU, and their machine has none. */
@Tag("cluster")
class GpuWithoutDriverTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.promisedGpus();

  @BeforeAll
  static void noGpu() {
    assertFalse(Device.cudaIsAvailable(), "pom.xml hides GPUs from these tests");
  }

  @Test
  void requireEndsTheRunWithTheReasonAtTheFirstTask() {
    TrainingException e =
        assertThrows(
            TrainingException.class,
            () -> PlainLoop.trainer(2).gpu("require").fit(PlainLoop.data(spark.session(), 2)));
    assertTrue(
        e.getMessage()
            .matches(
                "(?s)task \\d+ on executor \\d+ failed:"
                    + " spark.sparkgrad.gpu=require, but no GPU can be used: .*"),
        e.getMessage());
    assertTrue(e.getMessage().contains(Device.whyNoCuda()), e.getMessage());
  }

  @Test
  void autoTrainsOnTheCpu() {
    TrainingResult result = PlainLoop.trainer(2).fit(PlainLoop.data(spark.session(), 2));
    for (Processor p : result.processors()) assertEquals("cpu", p.device());
  }
}
