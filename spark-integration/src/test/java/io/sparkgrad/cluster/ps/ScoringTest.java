package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole runs that validate, or end early: the plain loop's bits and boundaries, wherever they run.
 */
class ScoringTest {
  private static final int NUMEL = 3 * 4096 + 5;
  private static final long EPOCH = Problem.STEPS_PER_EPOCH;
  private static final long BEST = Problem.BEST_EPOCH * EPOCH;
  private static final Coordinator.Timeouts ALL = Cluster.timeouts(30_000);
  private static final Coordinator.Timeouts AT_ONCE = Cluster.timeouts(1);
  private static final long SECOND = 1_000_000_000;

  /** The last two give one executor a shard and no worker. */
  static Stream<Arguments> placements() {
    return RunTest.transports()
        .flatMap(
            t ->
                Stream.of(
                    Arguments.of(t, 1, 1, 1),
                    Arguments.of(t, 4, 1, 4),
                    Arguments.of(t, 6, 4, 2),
                    Arguments.of(t, 5, 3, 1),
                    Arguments.of(t, 1, 2, 1),
                    Arguments.of(t, 2, 3, 1)));
  }

  @AfterEach
  void nothingIsLeft() {
    Cluster.until(() -> PsRuntime.running() == 0);
  }

  private static void start(Cluster cluster, int executors, int tasks) {
    for (int t = 0; t < tasks; t++)
      for (int e = 0; e < executors; e++) cluster.task(100 + t * executors + e, "" + e);
  }

  @ParameterizedTest(name = "{0}, K={1}, {2} executors x {3} tasks")
  @MethodSource("placements")
  void epochsAreScoredInWorkerOrder(TransportSpec transport, int workers, int executors, int tasks)
      throws Exception {
    Problem problem = new Problem(NUMEL, workers, 3 * EPOCH);
    StopCriteria stop = new StopCriteria(true, 0, Long.MAX_VALUE);
    try (Cluster cluster =
        new Cluster(problem, transport, executors * tasks, ALL, stop, System::nanoTime)) {
      start(cluster, executors, tasks);
      assertArrayEquals(problem.reference().weights(), cluster.weights());
      assertEquals(problem.validated().epochs(), cluster.epochs);
      assertEquals(
          new RunOutcome(3 * EPOCH, 3 * EPOCH, 3 * EPOCH, StopReason.EPOCHS),
          cluster.driver.outcome());
    }
  }

  @ParameterizedTest(name = "{0}, K={1}, {2} executors x {3} tasks")
  @MethodSource("placements")
  void patienceEndsTheRunAndGivesTheBestWeights(
      TransportSpec transport, int workers, int executors, int tasks) throws Exception {
    Problem problem = new Problem(NUMEL, workers, 100 * EPOCH);
    long end = BEST + 2 * EPOCH;
    try (Cluster cluster =
        new Cluster(
            problem,
            transport,
            executors * tasks,
            ALL,
            new StopCriteria(true, 2, Long.MAX_VALUE),
            System::nanoTime)) {
      start(cluster, executors, tasks);
      assertArrayEquals(new Problem(NUMEL, workers, BEST).reference().weights(), cluster.weights());
      assertEquals(new Problem(NUMEL, workers, end).validated().epochs(), cluster.epochs);
      assertEquals(new RunOutcome(end, BEST, BEST, StopReason.PATIENCE), cluster.driver.outcome());
    }
  }

  @Test
  void theBestWeightsComeHomeAlsoAfterTheLastStep() throws Exception {
    Problem problem = new Problem(NUMEL, 4, BEST + EPOCH);
    try (Cluster cluster =
        new Cluster(
            problem,
            TransportSpec.spark(),
            2,
            ALL,
            new StopCriteria(true, 2, Long.MAX_VALUE),
            System::nanoTime)) {
      start(cluster, 2, 1);
      assertArrayEquals(new Problem(NUMEL, 4, BEST).reference().weights(), cluster.weights());
      assertEquals(
          new RunOutcome(BEST + EPOCH, BEST, BEST, StopReason.EPOCHS), cluster.driver.outcome());
    }
  }

  @ParameterizedTest(name = "{0}, K={1}, {2} executors x {3} tasks")
  @MethodSource("placements")
  void theTimeEndsTheRunAtAStepBoundary(
      TransportSpec transport, int workers, int executors, int tasks) throws Exception {
    for (boolean validates : new boolean[] {false, true}) {
      AtomicLong looks = new AtomicLong(); // each takes a second
      try (Cluster cluster =
          new Cluster(
              new Problem(NUMEL, workers, 1_000_000),
              transport,
              executors * tasks,
              ALL,
              new StopCriteria(validates, 0, 7 * SECOND),
              () -> looks.getAndIncrement() * SECOND)) {
        start(cluster, executors, tasks);
        float[] weights = cluster.weights();
        RunOutcome outcome = cluster.driver.outcome();
        assertEquals(StopReason.TIME, outcome.reason());
        assertEquals(outcome.steps(), outcome.result());
        assertEquals(outcome.steps(), cluster.driver.finishedSteps());
        Problem done = new Problem(NUMEL, workers, outcome.steps());
        assertArrayEquals(done.reference().weights(), weights);
        assertEquals((validates ? done.validated() : done.reference()).epochs(), cluster.epochs);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.sparkgrad.cluster.ps.RunTest#transports")
  void aLateTaskScoresByTheAssignmentItStartsWith(TransportSpec transport) throws Exception {
    Problem problem = new Problem(NUMEL, 6, 100 * EPOCH);
    Set<Long> worked = ConcurrentHashMap.newKeySet();
    Cluster.Hook note = (session, task) -> worked.add(task);
    AtomicBoolean started = new AtomicBoolean();
    try (Cluster cluster =
        new Cluster(
            problem,
            transport,
            3,
            AT_ONCE,
            new StopCriteria(true, 5, Long.MAX_VALUE),
            System::nanoTime)) {
      cluster.task(
          1,
          "a",
          new AtomicBoolean(),
          (session, task) -> {
            if (session.step() == 4 && !started.getAndSet(true)) { // a fence brings it again
              cluster.task(2, "b", new AtomicBoolean(), note);
              cluster.task(3, "a", new AtomicBoolean(), note);
            }
            if (session.step() > 5) Cluster.until(() -> worked.size() == 2 || session.isVoid());
          });
      assertArrayEquals(new Problem(NUMEL, 6, BEST).reference().weights(), cluster.weights());
      assertEquals(new Problem(NUMEL, 6, BEST + 5 * EPOCH).validated().epochs(), cluster.epochs);
      assertEquals(Set.of(2L, 3L), worked);
    }
  }

  @Test
  void aTaskThatComesAfterTheDecisionJustLeaves() throws Exception {
    Problem problem = new Problem(NUMEL, 4, 100 * EPOCH);
    try (Cluster cluster =
        new Cluster(
            problem,
            TransportSpec.spark(),
            2,
            AT_ONCE,
            new StopCriteria(true, 1, Long.MAX_VALUE),
            System::nanoTime)) {
      cluster.task(1, "a");
      cluster.weights();
      assertEquals(0, Cluster.get(cluster.task(2, "b")).optimum());
    }
  }

  @ParameterizedTest
  @MethodSource("io.sparkgrad.cluster.ps.RunTest#transports")
  void aFailureWakesWhoWaitsForTheDecision(TransportSpec transport) throws Exception {
    Problem problem = new Problem(NUMEL, 2, 100 * EPOCH);
    StopCriteria stop = new StopCriteria(true, 0, Long.MAX_VALUE);
    try (Cluster cluster = new Cluster(problem, transport, 2, ALL, stop, System::nanoTime)) {
      CompletableFuture<WireBytes> waiting = cluster.task(1, "0");
      // The last push of an epoch is done by hand, and the scores are never handed in.
      cluster.task(
          2,
          "1",
          new AtomicBoolean(),
          (session, task) -> {
            if (session.step() < EPOCH - 1) return;
            int mine = session.workers()[0];
            Problem.Contribution c = problem.compute(session.weights(), mine, session.step());
            session.push(
                mine,
                c.gradient(),
                c.present(),
                List.of(),
                List.of(),
                c.loss(),
                c.rows(),
                c.count());
            assertTrue(session.next());
            assertTrue(session.mustScore());
            assertThrows(IllegalStateException.class, () -> session.push(mine, null, 0, 0));
            assertThrows(IllegalStateException.class, session::next);
            assertThrows(IllegalStateException.class, session::finish);
            assertThrows(
                IllegalStateException.class,
                () -> session.submitScores(Map.of(1 - mine, List.of(Score.NONE))));
            throw new IllegalArgumentException("row 3 has no label");
          });
      var e = assertThrows(ExecutionException.class, () -> Cluster.get(waiting));
      assertTrue(e.getMessage().contains("row 3 has no label"), e.getMessage());
    }
  }

  @Test
  void aRunThatDoesNotValidateNeverAsksForScores() throws Exception {
    try (Cluster cluster = new Cluster(new Problem(NUMEL, 2, 9), TransportSpec.local(), 1)) {
      cluster.task(
          1, "0", new AtomicBoolean(), (session, task) -> assertFalse(session.mustScore()));
      cluster.weights();
    }
  }

  @Test
  void conditionsThatMakeNoSenseAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new StopCriteria(false, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new StopCriteria(true, -1, 1));
    assertThrows(IllegalArgumentException.class, () -> new StopCriteria(true, 1, -1));
  }
}
