package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Many simulated runs. One seed again: {@code -Dsparkgrad.seed=N}; more: {@code
 * -Dsparkgrad.seeds=N}.
 */
class SimulationTest {
  private static final int NUMEL = 2 * Segments.SMALLEST + 5;
  private static final int[] ROWS = {0, 0, 100, (NUMEL - 5) / 3}; // of a table
  private static final Map<Key, Problem.JobResult> EXPECTED = new HashMap<>();

  private record Key(Problem problem, boolean validates) {}

  private static Problem.JobResult expected(Problem p, boolean validates) {
    return EXPECTED.computeIfAbsent(
        new Key(p, validates), k -> validates ? p.validated() : p.reference());
  }

  /**
   * One run, checked.
   *
   * @throws AssertionError if it does not give the undisturbed run's bits, or hangs
   */
  static Simulation.Outcome check(long seed, Simulation.Parts parts) {
    Random r = new Random(seed * 31 + 7);
    int workers = 1 + r.nextInt(6);
    int executors = 1 + r.nextInt(4);
    boolean validates = r.nextInt(3) == 0;
    boolean patience = validates && r.nextBoolean();
    long steps = patience ? 60 : 5 + r.nextInt(6);
    int rows = ROWS[(int) (seed % ROWS.length)];
    Problem problem = new Problem(NUMEL, workers, steps, rows, seed % 3 == 0);
    boolean limited = r.nextInt(5) == 0;
    long maxNanos = limited ? (20 + r.nextInt(2_000)) * 1_000_000L : Long.MAX_VALUE;
    StopCriteria stop = new StopCriteria(validates, patience ? 1 + r.nextInt(2) : 0, maxNanos);
    Simulation.Outcome out =
        new Simulation(seed, problem, executors, stop, Simulation.Faults.of(r), parts).run();
    if (out.failure() != null) {
      assertTrue(out.copiesGone(), () -> "seed " + seed + ": " + out.failure());
      assertTrue(out.failure().contains("was lost"), out.failure());
      return out;
    }
    Problem done = problem.until(out.outcome().steps());
    assertEquals(expected(done, validates).epochs(), out.epochs(), () -> "seed " + seed);
    Problem given = problem.until(out.outcome().result());
    assertArrayEquals(expected(given, validates).weights(), out.weights(), () -> "seed " + seed);
    if (!patience && !limited) assertEquals(problem.steps(), out.outcome().steps());
    assertTrue(out.mostReplayed() <= 2, () -> "seed " + seed + " replayed " + out.mostReplayed());
    return out;
  }

  @Test
  void everyRunGivesTheBitsOfTheUndisturbedOne() {
    Long one = Long.getLong("sparkgrad.seed");
    int seeds = Integer.getInteger("sparkgrad.seeds", 10_000);
    int kills = 0;
    int failed = 0;
    long events = 0;
    for (long seed = one != null ? one : 0; seed < (one != null ? one + 1 : seeds); seed++) {
      Simulation.Outcome out;
      try {
        out = check(seed, new Simulation.Parts());
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ": " + e, e);
      }
      kills += out.kills();
      events += out.events();
      if (out.failure() != null) failed++;
    }
    System.out.printf(
        "%d runs, %d events, %d executors killed, %d runs ended by a loss of both copies%n",
        seeds, events, kills, failed);
  }
}
