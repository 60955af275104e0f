package io.sparkgrad.cluster.ps;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Reports finished steps to the coordinator, on the executor that is the primary of segment 0: at
 * the end of an epoch at once, else every 50 ms. Thread-safe.
 */
final class ProgressReporter {
  private static final long PERIOD_MS = 50;

  private final RunSpec spec;
  private final Shard shard;
  private final Timer timer;
  private final Function<Message, CompletableFuture<Message>> coordinator;
  private final Consumer<Throwable> onFailure;

  private boolean inFlight;
  private boolean scheduled;
  private boolean more; // since the report in flight
  private long sentMs = Long.MIN_VALUE / 2;

  ProgressReporter(
      RunSpec spec,
      Shard shard,
      Timer timer,
      Function<Message, CompletableFuture<Message>> coordinator,
      Consumer<Throwable> onFailure) {
    this.spec = spec;
    this.shard = shard;
    this.timer = timer;
    this.coordinator = coordinator;
    this.onFailure = onFailure;
  }

  /** Reports what is new, now or later. */
  void changed() {
    ChunkCopy from = shard.reporting();
    if (from == null) return;
    Message.Progress m;
    synchronized (this) {
      more = true;
      if (inFlight) return;
      long waitMs = urgent(from.version()) ? 0 : sentMs + PERIOD_MS - timer.millis();
      if (waitMs > 0) {
        later(waitMs);
        return;
      }
      m = from.progress();
      if (m == null) return; // fenced meanwhile
      more = false;
      inFlight = true;
      sentMs = timer.millis();
    }
    coordinator.apply(m).whenComplete((answer, error) -> answered(from, m, answer, error));
  }

  private boolean urgent(long finished) {
    return finished % spec.stepsPerEpoch() == 0 || finished == spec.totalSteps();
  }

  private void later(long ms) {
    if (scheduled) return;
    scheduled = true;
    timer.after(
        ms,
        () -> {
          synchronized (this) {
            scheduled = false;
          }
          changed();
        });
  }

  private void answered(ChunkCopy from, Message.Progress m, Message answer, Throwable error) {
    boolean again;
    synchronized (this) {
      inFlight = false;
      again = more;
    }
    if (error != null) onFailure.accept(error);
    else if (answer instanceof Message.Ack) from.reported(m.finished());
    if (again) changed();
  }
}
