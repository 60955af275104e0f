package io.sparkgrad.cluster.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class StepRowsTest {
  @Property
  void anEpochTakesEachRowOnce(
      @ForAll @IntRange(max = 300) int n,
      @ForAll @IntRange(min = 1, max = 90) int batch,
      @ForAll @IntRange(min = 1, max = 20) int workers) {
    StepRows steps = new StepRows(n, batch, workers);
    int[] taken = new int[n];
    for (int w = 0; w < workers; w++) {
      long row = w; // the worker's rows are w, w + K, ..
      for (long s = 0; s < steps.stepsPerEpoch(); s++) {
        assertEquals((row - w) / workers, steps.rowsBefore(w, s));
        for (int i = steps.rowsOf(w, s); i > 0; i--, row += workers) {
          assertEquals(s, row / batch);
          taken[(int) row]++;
        }
      }
      assertEquals(steps.rowsOf(w), (row - w) / workers);
    }
    for (int times : taken) assertEquals(1, times);
  }

  @Property
  void theWorkersRowsOfAStepAddUp(
      @ForAll @IntRange(min = 1, max = 300) int n,
      @ForAll @IntRange(min = 1, max = 90) int batch,
      @ForAll @IntRange(min = 1, max = 20) int workers) {
    StepRows steps = new StepRows(n, batch, workers);
    for (long s = 0; s < steps.stepsPerEpoch(); s++) {
      int sum = 0;
      for (int w = 0; w < workers; w++) sum += steps.rowsOf(w, s);
      assertEquals(steps.rowsIn(s), sum);
    }
  }

  @Property
  void theFewestRowsAreThoseOfSomeWorkerInSomeStep(
      @ForAll @IntRange(min = 1, max = 300) int n,
      @ForAll @IntRange(min = 1, max = 90) int batch,
      @ForAll @IntRange(min = 1, max = 20) int workers) {
    StepRows steps = new StepRows(n, batch, workers);
    int fewest = Integer.MAX_VALUE;
    for (long s = 0; s < steps.stepsPerEpoch(); s++)
      for (int w = 0; w < workers; w++)
        if (steps.rowsOf(w, s) > 0) fewest = Math.min(fewest, steps.rowsOf(w, s));
    assertEquals(fewest, steps.fewestRows());
  }

  @Test
  void rowCountsBeyondIntWork() {
    StepRows steps = new StepRows(5_000_000_001L, 1 << 30, 3);
    assertEquals(5, steps.stepsPerEpoch());
    assertEquals(5_000_000_001L - 4L * (1 << 30), steps.rowsIn(4));
    assertEquals(1_666_666_667L, steps.rowsOf(2));
  }

  @Test
  void aStepBeyondTheEpochIsRefused() {
    var e = assertThrows(IllegalArgumentException.class, () -> new StepRows(10, 4, 2).rowsOf(0, 3));
    assertEquals("step 4 of an epoch of 3 steps", e.getMessage());
  }

  @Test
  void sizesBelowOneAreRefused() {
    var batch = assertThrows(IllegalArgumentException.class, () -> new StepRows(10, 0, 2));
    assertEquals("batchSize must be at least 1, got 0", batch.getMessage());
    var workers = assertThrows(IllegalArgumentException.class, () -> new StepRows(10, 1, 0));
    assertEquals("workers must be at least 1, got 0", workers.getMessage());
  }
}
