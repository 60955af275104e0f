package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole runs against the plain loop: the same bits, wherever the workers are. */
class RunTest {
  private static final int NUMEL = 3 * 4096 + 5;

  static Stream<Arguments> placements() {
    return Stream.of(
            TransportSpec.local(),
            TransportSpec.local().duplicating(),
            TransportSpec.spark().duplicating(),
            TransportSpec.spark().resetting())
        .flatMap(
            t ->
                Stream.of(
                    Arguments.of(t, 1, 1, 1),
                    Arguments.of(t, 4, 1, 4),
                    Arguments.of(t, 4, 2, 2),
                    Arguments.of(t, 8, 4, 1),
                    Arguments.of(t, 6, 2, 1),
                    Arguments.of(t, 6, 4, 2),
                    Arguments.of(t, 5, 3, 1),
                    Arguments.of(t, 2, 2, 2)));
  }

  @ParameterizedTest(name = "{0}, K={1}, {2} executors x {3} tasks")
  @MethodSource("placements")
  void sameBitsAsThePlainLoop(TransportSpec transport, int workers, int executors, int tasks)
      throws Exception {
    Problem problem = new Problem(NUMEL, workers, 9);
    Problem.JobResult expected = problem.reference();
    try (Cluster cluster = new Cluster(problem, transport, executors * tasks)) {
      for (int t = 0; t < tasks; t++)
        for (int e = 0; e < executors; e++) cluster.task(100 + t * executors + e, "" + e);
      assertArrayEquals(expected.weights(), cluster.weights());
      assertEquals(expected.epochs(), cluster.epochs);
    }
    Cluster.until(() -> PsRuntime.running() == 0);
  }

  static Stream<TransportSpec> transports() {
    return Stream.of(
        TransportSpec.local(),
        TransportSpec.spark(),
        TransportSpec.spark().duplicating(),
        TransportSpec.spark().resetting());
  }

  @ParameterizedTest
  @MethodSource("transports")
  void aLateTaskTakesPartFromAStepBoundaryOn(TransportSpec transport) throws Exception {
    Problem problem = new Problem(NUMEL, 6, 30);
    Set<Long> worked = ConcurrentHashMap.newKeySet();
    Cluster.Hook note = (session, task) -> worked.add(task);
    AtomicBoolean started = new AtomicBoolean();
    try (Cluster cluster = new Cluster(problem, transport, 3, Cluster.timeouts(1))) {
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
      assertArrayEquals(problem.reference().weights(), cluster.weights());
      assertEquals(problem.reference().epochs(), cluster.epochs);
      assertEquals(Set.of(2L, 3L), worked);
    }
  }

  @Test
  void aTaskThatStartsAfterTheEndJustLeaves() throws Exception {
    Problem problem = new Problem(NUMEL, 4, 5);
    try (Cluster cluster = new Cluster(problem, TransportSpec.spark(), 2, Cluster.timeouts(1))) {
      cluster.task(1, "a");
      assertArrayEquals(problem.reference().weights(), cluster.weights());
      assertEquals(0, Cluster.get(cluster.task(2, "b")).optimum());
    }
  }

  @Test
  void aRunWithoutStepsGivesTheInitialWeights() throws Exception {
    Problem problem = new Problem(NUMEL, 4, 0);
    try (Cluster cluster = new Cluster(problem, TransportSpec.local(), 2)) {
      cluster.task(1, "a");
      cluster.task(2, "b");
      assertArrayEquals(problem.initial(), cluster.weights());
    }
  }
}
