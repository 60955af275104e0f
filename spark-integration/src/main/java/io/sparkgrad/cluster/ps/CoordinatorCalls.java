package io.sparkgrad.cluster.ps;

import java.util.concurrent.CompletableFuture;

/**
 * An executor's calls to the coordinator of its run: each repeated until it is answered. A
 * coordinator that refuses connections for long, and is not heard either, is gone. Thread-safe.
 */
final class CoordinatorCalls {
  private static final long RETRY_MS = 100;
  private static final long GONE_MS = 12_000; // of refused connections, then the driver is gone

  /** What the executor hears. */
  interface Owner {
    /** Whether nothing is to be sent any more. */
    boolean silent();

    /** The run is over, and well. */
    void over();

    /** The coordinator refused a call: the run failed, or goes on without this executor. */
    void refused(String text);

    /** The coordinator cannot be reached. */
    void gone(String text);
  }

  private final Address coordinator;
  private final Transport transport;
  private final Timer timer;
  private final Owner owner;
  private volatile long heardMs = Long.MIN_VALUE / 2;

  CoordinatorCalls(Address coordinator, Transport transport, Timer timer, Owner owner) {
    this.coordinator = coordinator;
    this.transport = transport;
    this.timer = timer;
    this.owner = owner;
  }

  /** The coordinator has called. */
  void heard() {
    heardMs = timer.millis();
  }

  /**
   * Sends until it is answered. A refusal fails the future, and so does a lost connection once
   * nothing is to be sent any more.
   */
  CompletableFuture<Message> call(Message m) {
    CompletableFuture<Message> answer = new CompletableFuture<>();
    call(m, answer, new Refusals());
    return answer;
  }

  /* The attempts of one message: while a driver is paused, now and then one of many fails, and the others wait. */
  private void call(Message m, CompletableFuture<Message> answer, Refusals attempts) {
    transport
        .call(coordinator, m)
        .whenComplete(
            (got, thrown) -> {
              Throwable error = Transport.cause(thrown);
              if (error instanceof Transport.Unreachable) retry(m, answer, attempts, error);
              else take(got, error, answer);
            });
  }

  private void retry(
      Message m, CompletableFuture<Message> answer, Refusals attempts, Throwable error) {
    long nowMs = timer.millis();
    if (attempts.add(nowMs, GONE_MS) && nowMs - heardMs > GONE_MS) owner.gone(error.getMessage());
    if (owner.silent()) answer.completeExceptionally(error);
    else timer.after(RETRY_MS, () -> call(m, answer, attempts));
  }

  private void take(Message got, Throwable error, CompletableFuture<Message> answer) {
    heard();
    if (got instanceof Message.Over) owner.over();
    if (error == null) {
      answer.complete(got);
    } else {
      owner.refused(error.getMessage());
      answer.completeExceptionally(error);
    }
  }
}
