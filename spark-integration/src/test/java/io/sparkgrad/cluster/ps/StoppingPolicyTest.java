package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoppingPolicyTest {
  private long now;

  private StoppingPolicy policy(int workers, StopCriteria stop) {
    RunSpec spec =
        RunSpec.of("r", 10, workers, 100, 10, new Momentum(), TransportSpec.local(), 1)
            .stoppingBy(stop);
    return new StoppingPolicy(spec, () -> now);
  }

  private static StopCriteria patience(int epochs) {
    return new StopCriteria(true, epochs, Long.MAX_VALUE);
  }

  private static List<WorkerScores> scores(int worker, double... values) {
    return List.of(
        new WorkerScores(worker, Arrays.stream(values).mapToObj(v -> new Score(v, 1)).toList()));
  }

  /** One worker, epoch after epoch; the outcome after the last. */
  private RunOutcome after(int patience, double... losses) {
    StoppingPolicy policy = policy(1, patience(patience));
    for (int e = 0; e < losses.length; e++) policy.add(10 * (e + 1), scores(0, losses[e]));
    return policy.outcome();
  }

  @Test
  void theRunEndsAfterSoManyEpochsThatAreNotBetter() {
    assertEquals(new RunOutcome(40, 20, 20, StopReason.PATIENCE), after(2, 3, 2, 2, 2.5));
    assertEquals(new RunOutcome(100, 40, 40, StopReason.EPOCHS), after(2, 3, 2, 2.5, 1, 1.5));
    assertEquals(new RunOutcome(20, 10, 10, StopReason.PATIENCE), after(1, 3, 3));
  }

  @Test
  void aLossThatIsNotANumberIsNotBetter() {
    assertEquals(
        new RunOutcome(30, 10, 10, StopReason.PATIENCE), after(2, 3, Double.NaN, Double.NaN));
    assertEquals(new RunOutcome(100, 20, 20, StopReason.EPOCHS), after(2, Double.NaN, 3));
    assertEquals(
        new RunOutcome(30, 10, 10, StopReason.PATIENCE),
        after(2, Double.NaN, Double.NaN, Double.NaN));
  }

  @Test
  void withoutPatienceTheLastWeightsAreGiven() {
    assertEquals(new RunOutcome(100, 10, 100, StopReason.EPOCHS), after(0, 1, 2, 3, 4, 5));
  }

  @Test
  void anEndAtTheLastStepIsNotEarly() {
    assertEquals(
        new RunOutcome(100, 10, 10, StopReason.EPOCHS), after(9, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2));
  }

  @Test
  void theSumIsTheWorkersInOrderHoweverTheyCome() {
    double[] values = {1e16, 1, -1e16, 1}; // in order: 1e16 + 1 = 1e16, 0, 1
    StoppingPolicy policy = policy(4, patience(0));
    for (int w : new int[] {2, 0, 0, 3}) assertFalse(policy.add(10, scores(w, values[w], w)));
    assertFalse(policy.add(10, scores(3, 99, 99)), "the first one counts");
    assertTrue(policy.add(10, scores(1, values[1], 1)));
    assertTrue(policy.add(10, scores(1, 99, 99)), "a duplicate has its decision");
    EpochLoss validated = policy.validated(new EpochLoss(0, 5, 1));
    assertEquals(List.of(new Score(1, 4), new Score(6, 4)), validated.validation());
    assertNull(policy.validated(new EpochLoss(1, 5, 1)), "not known yet");
  }

  @Test
  void oneBoundaryAtATime() {
    StoppingPolicy policy = policy(2, patience(0));
    policy.add(10, scores(0, 1));
    assertThrows(IllegalStateException.class, () -> policy.add(20, scores(0, 1)));
    assertThrows(IllegalArgumentException.class, () -> policy.add(10, scores(2, 1)));
  }

  @Test
  void theTimeRunsFromTheStartAndIsCheckedWithTheDecision() {
    now = 1000;
    StoppingPolicy policy = policy(1, new StopCriteria(true, 0, 50));
    policy.start();
    now = 1049;
    policy.add(10, scores(0, 1));
    assertFalse(policy.overdue());
    assertEquals(100, policy.end());
    now = 1050;
    assertTrue(policy.overdue());
    policy.add(20, scores(0, 2));
    assertEquals(new RunOutcome(20, 10, 20, StopReason.TIME), policy.outcome());
    policy.stopped(20); // the reporter did, too
    assertEquals(new RunOutcome(20, 10, 20, StopReason.TIME), policy.outcome());
  }
}
