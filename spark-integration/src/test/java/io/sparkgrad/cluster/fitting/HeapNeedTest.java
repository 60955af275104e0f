package io.sparkgrad.cluster.fitting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class HeapNeedTest {
  private static final long GB = 1L << 30;

  @Test
  void aModelThatDoesNotFitIsRefusedWithTheSumAndTheSettingToRaise() {
    HeapNeed need = HeapNeed.ofExecutor(100_000_000, 0, 1, 1, 2);
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> need.check("an executor", GB, "spark.executor.memory"));
    assertEquals(
        "100,000,000 parameters need 5,216 MB of heap in an executor, which has 1,024 MB: 13.0 copies of 382 MB"
            + " (weights 2, gradients 2 for each of 1 tasks, messages 3, segments 6.0) and 256 MB for Spark."
            + " Set spark.executor.memory=6518m or more.",
        e.getMessage());
    need.check("an executor", 6518L << 20, "spark.executor.memory");
  }

  @Test
  void moreExecutorsHoldSmallerSegmentsAndMoreTasksMoreGradients() {
    assertEquals(2 + 2 + 3 + 3, HeapNeed.ofExecutor(9, 0, 1, 1, 4).copies());
    assertEquals(2 + 8 + 3 + 6, HeapNeed.ofExecutor(9, 0, 1, 4, 2).copies());
    assertEquals(5 + 1 + 4 + 6, HeapNeed.ofLocal(9, 0, 1, 2).copies());
  }

  @Test
  void aSmallModelFitsIntoTheSmallestHeapThatSparkTakes() {
    HeapNeed.ofExecutor(79_510, 0, 1, 2, 1)
        .check("an executor", 450L << 20, "spark.executor.memory");
  }

  /** An embedding of a million rows of 16 in two executors of 1 GB. */
  @Test
  void tablesOfRowsNeedNoCopiesForGradientsAndVersions() {
    HeapNeed.ofExecutor((1 << 24) + 1000, 1 << 24, 0, 1, 2)
        .check("an executor", GB, "spark.executor.memory");
    assertThrows(
        IllegalArgumentException.class,
        () ->
            HeapNeed.ofExecutor((1 << 24) + 1000, 0, 0, 1, 2)
                .check("an executor", GB, "spark.executor.memory"));
  }
}
