package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Executors are lost: the run goes on, to the same bits. */
class LossTest {
  private static final Problem PROBLEM = new Problem(9 * Segments.SMALLEST, 8, 60);
  private static final List<String> LOST =
      List.of(
          "0 to 2 (numbers 0 to 3071)",
          "3 to 5 (numbers 3072 to 6143)",
          "6 to 8 (numbers 6144 to 9215)");
  private static final long EPOCH = Problem.STEPS_PER_EPOCH;

  @AfterEach
  void nothingIsLeft() {
    Cluster.until(() -> PsRuntime.running() == 0); // also what outlived its task
  }

  /** The executor of the hook's task dies before this step, and Spark says so. */
  private static Cluster.Hook dies(Cluster cluster, String executor, long step) {
    AtomicBoolean done = new AtomicBoolean();
    return (session, task) -> {
      if (session.step() < step || done.getAndSet(true)) return;
      PsRuntime.cutOff(cluster.driver.spec(), executor);
      cluster.driver.executorLost(executor, "Command exited with code 137.");
    };
  }

  @ParameterizedTest
  @MethodSource("io.sparkgrad.cluster.ps.RunTest#transports")
  void theOthersGoOnToTheSameBits(TransportSpec transport) throws Exception {
    for (long step : new long[] {0, 1, 17, PROBLEM.steps() - 1}) {
      try (Cluster cluster = new Cluster(PROBLEM, transport, 3)) {
        var a = cluster.task(1, "0");
        var b = cluster.task(2, "1");
        cluster.lost(3, "2", dies(cluster, "2", step));
        Cluster.get(a);
        Cluster.get(b);
        Cluster.get(cluster.driver.finished());
        assertArrayEquals(PROBLEM.reference().weights(), cluster.driver.result());
        assertEquals(PROBLEM.reference().epochs(), cluster.epochs);
        assertEquals(1, cluster.driver.losses());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.sparkgrad.cluster.ps.RunTest#transports")
  void whoComesInTheirPlaceHoldsSegmentsAndMayBeTheLastOneLeft(TransportSpec transport)
      throws Exception {
    AtomicLong first = new AtomicLong(-1);
    try (Cluster cluster = new Cluster(PROBLEM, transport, 2)) {
      Cluster.Hook replaces =
          (session, task) -> {
            if (first.compareAndSet(-1, session.step())) {
              PsRuntime.cutOff(cluster.driver.spec(), "0");
              cluster.driver.executorLost("0", "preempted");
            }
          };
      cluster.lost(
          1,
          "0",
          (session, task) -> {
            if (session.step() >= 8) Cluster.until(() -> first.get() >= 0);
          });
      cluster.lost(2, "1", dies(cluster, "1", 5));
      Cluster.until(() -> cluster.driver.losses() == 1);
      var last = cluster.task(3, "2", new AtomicBoolean(), replaces);
      Cluster.get(last);
      Cluster.get(cluster.driver.finished());
      assertArrayEquals(PROBLEM.reference().weights(), cluster.driver.result());
      assertEquals(2, cluster.driver.losses());
      assertTrue(first.get() > 0, "it came in at step " + first);
    }
  }

  @ParameterizedTest
  @MethodSource("io.sparkgrad.cluster.ps.RunTest#transports")
  void theBestWeightsSurvive(TransportSpec transport) throws Exception {
    Problem problem = new Problem(9 * Segments.SMALLEST, 4, 100 * EPOCH);
    long best = Problem.BEST_EPOCH * EPOCH;
    for (long step : new long[] {best, best + 1, best + 2 * EPOCH - 1}) {
      try (Cluster cluster =
          new Cluster(
              problem,
              transport,
              2,
              Cluster.timeouts(30_000),
              new StopCriteria(true, 2, Long.MAX_VALUE),
              System::nanoTime)) {
        var a = cluster.task(1, "0");
        cluster.lost(2, "1", dies(cluster, "1", step));
        Cluster.get(a);
        Cluster.get(cluster.driver.finished());
        assertEquals(best, cluster.driver.outcome().result());
        assertArrayEquals(
            new Problem(problem.numel(), 4, best).reference().weights(), cluster.driver.result());
      }
    }
  }

  @Test
  void whereBothCopiesAreGoneTheErrorSaysWhatIsLost() throws Exception {
    try (Cluster cluster = new Cluster(PROBLEM, TransportSpec.spark(), 3)) {
      var survivor = cluster.task(1, "0");
      cluster.lost(2, "1", (session, task) -> {});
      cluster.lost(
          3,
          "2",
          (session, task) -> {
            if (session.step() < 10) return;
            PsRuntime.cutOff(cluster.driver.spec(), "1");
            PsRuntime.cutOff(cluster.driver.spec(), "2");
            cluster.driver.executorLost("1", "preempted");
            cluster.driver.executorLost("2", "out of memory");
          });
      String text = failure(cluster.driver.finished());
      assertTrue(text.contains("was lost at step "), text);
      assertTrue(text.contains("no other executor held a copy of the segments "), text);
      assertTrue(LOST.stream().anyMatch(text::contains), text); // by who joined first
      assertEquals(text, failure(survivor));
    }
  }

  @Test
  void theOnlyExecutorIsNamed() throws Exception {
    try (Cluster cluster = new Cluster(PROBLEM, TransportSpec.spark(), 1)) {
      cluster.lost(1, "0", dies(cluster, "0", 12));
      String text = failure(cluster.driver.finished());
      assertTrue(text.matches("executor 0 \\(.*\\) was lost at step \\d+ of 60: .*"), text);
      assertTrue(text.contains("exited with code 137; no other executor held its segments"), text);
    }
  }

  private static String failure(CompletableFuture<?> future) {
    var e = assertThrows(ExecutionException.class, () -> Cluster.get(future));
    return assertInstanceOf(RunFailedException.class, e.getCause()).getMessage();
  }
}
