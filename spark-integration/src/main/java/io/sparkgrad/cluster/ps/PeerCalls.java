package io.sparkgrad.cluster.ps;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * An executor's calls to others of its run: each repeated until it is answered or its epoch is
 * over, while the coordinator hears of those who cannot be reached. Thread-safe.
 */
final class PeerCalls {
  private static final long RETRY_MS = 100; // between two attempts to reach a peer
  private static final long SUSPECT_MS = 1_000; // between two words about an unreachable peer

  /** What the executor knows of a call that failed. */
  interface Owner {
    /** Whether nothing of an epoch is to be sent any more. */
    boolean endedIn(long epoch);

    /** A peer cannot be reached. */
    void suspect(long epoch, Address peer, String text);

    /** A peer refused a call, or its answer could not be taken. */
    void failed(Throwable e);
  }

  private final Transport transport;
  private final Timer timer;
  private final Owner owner;
  private final Map<Address, Long> suspectedMs = new HashMap<>();

  PeerCalls(Transport transport, Timer timer, Owner owner) {
    this.transport = transport;
    this.timer = timer;
    this.owner = owner;
  }

  /** Sends for an epoch; the answer is heard once, or never if the epoch ends before. */
  void call(long epoch, Address to, Message m, Consumer<Message> answer) {
    transport
        .call(to, m)
        .whenComplete(
            (got, thrown) -> {
              if (thrown == null) take(got, answer);
              else failed(epoch, to, m, answer, Transport.cause(thrown));
            });
  }

  private void take(Message got, Consumer<Message> answer) {
    try {
      answer.accept(got);
    } catch (RuntimeException e) {
      owner.failed(e);
    }
  }

  private void failed(
      long epoch, Address to, Message m, Consumer<Message> answer, Throwable error) {
    if (!(error instanceof Transport.Unreachable)) {
      owner.failed(error);
      return;
    }
    if (owner.endedIn(epoch)) return;
    if (isNew(to)) owner.suspect(epoch, to, error.getMessage());
    timer.after(
        RETRY_MS,
        () -> {
          if (!owner.endedIn(epoch)) call(epoch, to, m, answer);
        });
  }

  private synchronized boolean isNew(Address peer) {
    long nowMs = timer.millis();
    Long before = suspectedMs.get(peer);
    if (before != null && nowMs - before < SUSPECT_MS) return false;
    suspectedMs.put(peer, nowMs);
    return true;
  }
}
