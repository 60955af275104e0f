package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Somebody who takes no part sends messages over real sockets into a running run. */
class ForgeryTest {
  private static final Problem PROBLEM = new Problem(9 * Segments.SMALLEST, 8, 30);
  private static final int CHUNK = 3 * Segments.SMALLEST; // numbers
  private static final Message.StepLoss LOSS = new Message.StepLoss(10, 1, 1);

  private final List<String> answers = new ArrayList<>();

  @Test
  void whatAStrangerSendsChangesNothing() throws Exception {
    try (Cluster cluster = new Cluster(PROBLEM, TransportSpec.spark(), 3);
        Transport stranger = TransportSpec.spark().open("127.0.0.1", "127.0.0.1", Security.NONE)) {
      stranger.serve((m, reply) -> {});
      cluster.task(1, "0");
      cluster.task(2, "1");
      cluster.task(
          3,
          "2",
          new AtomicBoolean(),
          (session, task) -> {
            if (session.step() == 10) forge(cluster, session, stranger);
          });
      assertArrayEquals(PROBLEM.reference().weights(), cluster.weights());
      assertEquals(PROBLEM.reference().epochs(), cluster.epochs);
      assertEquals(0, cluster.driver.losses());
    }
    assertEquals(List.of(), answers);
  }

  /** The step waits for the session's push, so nothing here is too late. */
  private void forge(Cluster cluster, TaskSession session, Transport stranger) throws Exception {
    String run = cluster.driver.spec().runId();
    Address driver = cluster.driver.spec().coordinator();
    Address self = stranger.address();
    int own = session.workers()[0];
    int others = own == 0 ? PROBLEM.workers() - 1 : 0;
    for (TaskSession s : cluster.sessions.values()) {
      for (int chunk = 0; chunk < 3; chunk++) {
        /* Chunks that the executor does not hold are answered as stale. */
        refused(stranger, s.address(), push("foreign", 1, self, 0, chunk, CHUNK));
        refused(stranger, s.address(), push(run, 1, self, 0, chunk, CHUNK));
        refused(stranger, s.address(), push(run, 1, session.address(), own, chunk, CHUNK - 1));
        refused(stranger, s.address(), push(run, 1, session.address(), others, chunk, CHUNK));
        refused(stranger, s.address(), push(run, 0, session.address(), own, chunk, CHUNK));
        Message forward =
            new Message.Forward(run, 1, self, chunk, -1, gradient(CHUNK), LOSS, 1_000, List.of());
        refused(stranger, s.address(), forward);
      }
    }
    refused(stranger, driver, new Message.Progress(run, 1, self, 30, List.of(LOSS)));
    refused(stranger, driver, new Message.Scores(run, 1, self, 3, List.of()));
    refused(stranger, driver, push(run, 1, self, 0, 0, CHUNK));
    for (Message m :
        List.of(
            new Message.Fail(run, 77, "9", self, -1, "nonsense"),
            new Message.Leave(run, 1, "0", self, "nonsense"),
            new Message.Suspect(run, 1, self, session.address(), "nonsense")))
      Cluster.get(stranger.call(driver, m)); // heard, and not believed
  }

  private static Gradient gradient(int count) {
    return new Gradient(Floats.of(new float[count]), new BitSet(), List.of());
  }

  private static Message push(
      String run, long epoch, Address from, int worker, int chunk, int numbers) {
    PartialSum sum = new PartialSum(TreeNode.leaf(worker), gradient(numbers), 1, 1);
    return new Message.Push(run, epoch, from, chunk, 10, -1, List.of(sum), List.of());
  }

  private void refused(Transport stranger, Address to, Message m) throws Exception {
    try {
      Message answer = Cluster.get(stranger.call(to, m));
      if (!(answer instanceof Message.Stale)) answers.add(answer + " to " + m);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof Transport.RefusedException)) throw e;
    }
  }
}
