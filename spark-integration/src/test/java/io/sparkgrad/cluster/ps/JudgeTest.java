package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class JudgeTest {
  private long now;

  private Judge judge(int workers, Until until) {
    RunSpec spec =
        RunSpec.of("r", 10, workers, 100, 10, new Momentum(), TransportSpec.local(), 1)
            .until(until);
    return new Judge(spec, () -> now);
  }

  private static Until patience(int epochs) {
    return new Until(true, epochs, Long.MAX_VALUE);
  }

  private static List<WorkerScores> scores(int worker, double... values) {
    return List.of(
        new WorkerScores(worker, Arrays.stream(values).mapToObj(v -> new Score(v, 1)).toList()));
  }

  /** One worker, epoch after epoch; the ending after the last. */
  private Ending after(int patience, double... losses) {
    Judge judge = judge(1, patience(patience));
    for (int e = 0; e < losses.length; e++) judge.add(10 * (e + 1), scores(0, losses[e]));
    return judge.ending();
  }

  @Test
  void theRunEndsAfterSoManyEpochsThatAreNotBetter() {
    assertEquals(new Ending(40, 20, 20, StopReason.PATIENCE), after(2, 3, 2, 2, 2.5));
    assertEquals(new Ending(100, 40, 40, StopReason.EPOCHS), after(2, 3, 2, 2.5, 1, 1.5));
    assertEquals(new Ending(20, 10, 10, StopReason.PATIENCE), after(1, 3, 3));
  }

  @Test
  void aLossThatIsNotANumberIsNotBetter() {
    assertEquals(new Ending(30, 10, 10, StopReason.PATIENCE), after(2, 3, Double.NaN, Double.NaN));
    assertEquals(new Ending(100, 20, 20, StopReason.EPOCHS), after(2, Double.NaN, 3));
    assertEquals(
        new Ending(30, 10, 10, StopReason.PATIENCE), after(2, Double.NaN, Double.NaN, Double.NaN));
  }

  @Test
  void withoutPatienceTheLastWeightsAreGiven() {
    assertEquals(new Ending(100, 10, 100, StopReason.EPOCHS), after(0, 1, 2, 3, 4, 5));
  }

  @Test
  void anEndAtTheLastStepIsNotEarly() {
    assertEquals(
        new Ending(100, 10, 10, StopReason.EPOCHS), after(9, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2));
  }

  @Test
  void theSumIsTheWorkersInOrderHoweverTheyCome() {
    double[] values = {1e16, 1, -1e16, 1}; // in order: 1e16 + 1 = 1e16, 0, 1
    Judge judge = judge(4, patience(0));
    for (int w : new int[] {2, 0, 0, 3}) assertFalse(judge.add(10, scores(w, values[w], w)));
    assertFalse(judge.add(10, scores(3, 99, 99)), "the first one counts");
    assertTrue(judge.add(10, scores(1, values[1], 1)));
    assertTrue(judge.add(10, scores(1, 99, 99)), "a duplicate has its verdict");
    EpochLoss validated = judge.validated(new EpochLoss(0, 5, 1));
    assertEquals(List.of(new Score(1, 4), new Score(6, 4)), validated.validation());
    assertNull(judge.validated(new EpochLoss(1, 5, 1)), "not known yet");
  }

  @Test
  void oneBorderAtATime() {
    Judge judge = judge(2, patience(0));
    judge.add(10, scores(0, 1));
    assertThrows(IllegalStateException.class, () -> judge.add(20, scores(0, 1)));
    assertThrows(IllegalArgumentException.class, () -> judge.add(10, scores(2, 1)));
  }

  @Test
  void theTimeRunsFromTheStartAndIsLookedAtWithTheVerdict() {
    now = 1000;
    Judge judge = judge(1, new Until(true, 0, 50));
    judge.start();
    now = 1049;
    judge.add(10, scores(0, 1));
    assertFalse(judge.overdue());
    assertEquals(100, judge.end());
    now = 1050;
    assertTrue(judge.overdue());
    judge.add(20, scores(0, 2));
    assertEquals(new Ending(20, 10, 20, StopReason.TIME), judge.ending());
    judge.ended(20); // the lead did, too
    assertEquals(new Ending(20, 10, 20, StopReason.TIME), judge.ending());
  }
}
