package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** An executor's node alone: what it tells the driver, and when. */
class NodeTest {
  private static final Address DRIVER = new Address("driver", 1);
  private static final Address SELF = new Address("self", 2);

  private record Sent(Message message, CompletableFuture<Message> answer) {
    void unreachable() {
      answer.completeExceptionally(
          new Transport.Unreachable(DRIVER, new IOException("connection reset")));
    }
  }

  private final List<Sent> sent = new ArrayList<>();
  private final Deque<Runnable> alarms = new ArrayDeque<>();
  private long nowMs;
  private final FailureLatch latch = new FailureLatch();
  private final Node node = node();

  private Node node() {
    RunSpec spec =
        RunSpec.of("r", 10, 1, 6, 2, new Momentum(), TransportSpec.local(), 1).at(DRIVER);
    Transport transport =
        new Transport() {
          @Override
          public Address address() {
            return SELF;
          }

          @Override
          public void serve(Handler handler) {}

          @Override
          public CompletableFuture<Message> call(Address to, Message m) {
            assertEquals(DRIVER, to);
            Sent s = new Sent(m, new CompletableFuture<>());
            sent.add(s);
            return s.answer();
          }

          @Override
          public long bytesSent() {
            return 0;
          }

          @Override
          public long backupBytesSent() {
            return 0;
          }

          @Override
          public long bytesReceived() {
            return 0;
          }

          @Override
          public void close() {}
        };
    Timer timer =
        new Timer() {
          @Override
          public void after(long ms, Runnable action) {
            alarms.add(action);
          }

          @Override
          public long nanos() {
            return nowMs * 1_000_000;
          }
        };
    return new Node(spec, "0", transport, timer, latch, new float[10], () -> {});
  }

  private Sent last() {
    return sent.get(sent.size() - 1);
  }

  /* The last task to leave closes the connections. */
  @Test
  void theDriverHearsOfAFailureBeforeTheTasksDo() {
    node.failed(new RunFailedException("it broke"));
    node.failed(new RunFailedException("and again"));
    assertEquals(1, sent.size());
    assertEquals("it broke", ((Message.Fail) last().message()).text());
    assertFalse(latch.failed());
    last().answer().complete(new Message.Ack("r"));
    assertTrue(latch.failed());
  }

  @Test
  void nobodyWaitsForADriverThatLeftWhenTheRunFailed() {
    CompletableFuture<Message> answer = node.ask(new Message.Heartbeat("r", SELF));
    node.abort("it failed elsewhere");
    last().unreachable();
    assertTrue(answer.isCompletedExceptionally());
  }

  @Test
  void aDriverThatRefusesForTwelveSecondsIsGone() {
    node.ask(new Message.Heartbeat("r", SELF));
    for (nowMs = 0; nowMs <= 12_000; nowMs += 1_000) {
      assertFalse(latch.failed());
      last().unreachable();
      alarms.remove().run();
    }
    last().unreachable();
    assertTrue(latch.failed());
  }

  /* It refuses nothing: the messages wait, but for the few that a broken connection loses. */
  @Test
  void aDriverThatIsPausedIsNotGone() {
    for (nowMs = 0; nowMs <= 60_000; nowMs += 2_000) {
      node.ask(new Message.Heartbeat("r", SELF));
      last().unreachable();
      alarms.remove().run(); // sent again, and not answered
      assertFalse(latch.failed());
    }
  }
}
