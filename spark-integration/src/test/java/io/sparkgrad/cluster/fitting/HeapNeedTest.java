package io.sparkgrad.cluster.fitting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class HeapNeedTest {
  private static final long GB = 1L << 30;

  @Test
  void aModelThatDoesNotFitIsRefusedWithTheSumAndTheSettingToRaise() {
    HeapNeed need = HeapNeed.ofExecutor(100_000_000, 1, 1, 2);
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> need.check("an executor", GB, "spark.executor.memory"));
    assertEquals(
        "100,000,000 parameters need 3,499 MB of heap in an executor, which has 1,024 MB: 8.5 copies of 382 MB"
            + " (weights 2, gradients 2 for each of 1 tasks, messages 3, segments 1.5) and 256 MB for Spark."
            + " Set spark.executor.memory=4373m or more.",
        e.getMessage());
    need.check("an executor", 4373L << 20, "spark.executor.memory");
  }

  @Test
  void moreExecutorsHoldSmallerSegmentsAndMoreTasksMoreGradients() {
    assertEquals(2 + 2 + 3 + 0.75, HeapNeed.ofExecutor(9, 1, 1, 4).copies());
    assertEquals(2 + 8 + 3 + 1.5, HeapNeed.ofExecutor(9, 1, 4, 2).copies());
    assertEquals(5 + 1 + 4 + 3, HeapNeed.ofLocal(9, 1, 2).copies());
  }

  @Test
  void aSmallModelFitsIntoTheSmallestHeapThatSparkTakes() {
    HeapNeed.ofExecutor(79_510, 1, 2, 1).check("an executor", 450L << 20, "spark.executor.memory");
  }
}
