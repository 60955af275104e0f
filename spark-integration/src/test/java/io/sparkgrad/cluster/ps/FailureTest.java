package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever breaks, every task ends, and everybody hears the first cause. */
class FailureTest {
  private static final Problem PROBLEM = new Problem(2 * 4096, 4, 1200);
  private static final Cluster.Hook NOTHING = (session, task) -> {};

  static Stream<TransportSpec> transports() {
    return Stream.of(
        TransportSpec.local(), TransportSpec.spark(), TransportSpec.spark().duplicating());
  }

  @AfterEach
  void nothingIsLeft() {
    Cluster.until(() -> PsRuntime.running() == 0);
  }

  private static String failure(CompletableFuture<?> future) {
    var e = assertThrows(ExecutionException.class, () -> Cluster.get(future));
    return assertInstanceOf(RunFailedException.class, e.getCause()).getMessage();
  }

  @ParameterizedTest
  @MethodSource("transports")
  void aTasksOwnFailureReachesTheDriverAndTheOtherTasks(TransportSpec transport) throws Exception {
    try (Cluster cluster = new Cluster(PROBLEM, transport, 2)) {
      var other = cluster.task(1, "0");
      var guilty =
          cluster.task(
              2,
              "1",
              new AtomicBoolean(),
              (session, task) -> {
                if (session.step() == 7) throw new IllegalArgumentException("row 12 has no label");
              });
      String text = failure(cluster.driver.finished());
      assertTrue(text.startsWith("task 2 on executor 1 failed at step 7 of 1200: "), text);
      assertTrue(text.contains("row 12 has no label"), text);
      assertEquals(text, failure(other));
      assertThrows(ExecutionException.class, () -> Cluster.get(guilty));
    }
  }

  @Test
  void aLossThatIsNotFiniteNamesWorkerAndStep() throws Exception {
    try (Cluster cluster = new Cluster(PROBLEM, TransportSpec.local(), 1)) {
      cluster.task(
          1,
          "0",
          new AtomicBoolean(),
          (session, task) -> {
            if (session.step() == 3) session.push(2, null, Double.NaN, 1);
          });
      String text = failure(cluster.driver.finished());
      assertTrue(
          text.contains("at step 3 of 1200: worker 2: loss NaN over 1.0 is not finite"), text);
    }
  }

  @ParameterizedTest
  @MethodSource("transports")
  void aGradientThatIsNotFiniteEndsTheRun(TransportSpec transport) throws Exception {
    try (Cluster cluster = new Cluster(PROBLEM, transport, 2)) {
      var first = cluster.task(1, "0");
      var second =
          cluster.task(
              2,
              "1",
              new AtomicBoolean(),
              (session, task) -> {
                if (session.step() == 5)
                  session.weights()[8_000] = Float.NaN; // spoils its gradients
              });
      String text = failure(cluster.driver.finished());
      assertTrue(
          text.contains(
              "the gradient of number 8000 of the parameters is not finite at step 5 of 1200"),
          text);
      assertTrue(text.contains(failure(first)) && text.contains(failure(second)), text);
    }
  }

  @Test
  void anAbortWakesATaskThatWaitsForOthers() throws Exception {
    try (Cluster cluster = new Cluster(PROBLEM, TransportSpec.spark(), 2)) {
      CountDownLatch slow = new CountDownLatch(1);
      CountDownLatch reached = new CountDownLatch(1);
      var waiting = cluster.task(1, "0");
      cluster.task(
          2,
          "1",
          new AtomicBoolean(),
          (session, task) -> {
            reached.countDown();
            Cluster.await(slow);
          });
      Cluster.await(reached);
      cluster.driver.fail("the cell was cancelled");
      assertEquals("the cell was cancelled", failure(waiting));
      slow.countDown();
    }
  }

  @Test
  void anAbortWakesATaskThatWaitsToStart() throws Exception {
    try (Cluster cluster = new Cluster(PROBLEM, TransportSpec.spark(), 2)) {
      var waiting = cluster.task(1, "0");
      cluster.driver.fail("the cell was cancelled");
      assertEquals("the cell was cancelled", failure(waiting));
    }
  }

  @Test
  void aTaskThatSparkKillsWhileItWaitsEndsAndTheNextOneGoesOn() throws Exception {
    Problem problem = new Problem(4096, 4, 9);
    AtomicBoolean killed = new AtomicBoolean();
    try (Cluster cluster = new Cluster(problem, TransportSpec.spark(), 2)) {
      var waiting = cluster.task(1, "0", killed, NOTHING);
      killed.set(true);
      assertEquals("Spark killed the task", failure(waiting));
      var again = cluster.task(2, "0");
      var other = cluster.task(3, "1");
      Cluster.get(again);
      Cluster.get(other);
      Cluster.get(cluster.driver.finished());
      assertArrayEquals(problem.reference().weights(), cluster.driver.result());
    }
  }

  @Test
  void aTaskThatLeavesWithoutFinishingEndsTheRun() throws Exception {
    try (Cluster cluster = new Cluster(PROBLEM, TransportSpec.local(), 2)) {
      var other = cluster.task(1, "0");
      cluster.task(2, "1", new AtomicBoolean(), (session, task) -> session.close());
      assertTrue(failure(cluster.driver.finished()).contains("left without finishing"));
      assertTrue(failure(other).contains("left without finishing"));
    }
  }

  @Test
  void aDriverThatIsGoneIsNamed() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    CountDownLatch reached = new CountDownLatch(1);
    Cluster cluster = new Cluster(PROBLEM, TransportSpec.spark(), 1);
    var task =
        cluster.task(
            1,
            "0",
            new AtomicBoolean(),
            (session, id) -> {
              reached.countDown();
              if (session.step() == 3) Cluster.await(closed);
            });
    Cluster.await(reached);
    cluster.driver.cutOff();
    closed.countDown();
    String text = failure(task);
    assertTrue(text.contains("driver cannot be reached"), text);
    cluster.close();
  }
}
