package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What the shard with segment 0 does besides: it reports finished steps to the coordinator, and at
 * a step border it hands out new leases or the run's end. Thread-safe.
 */
final class Lead {
  /* One report at most is in flight, so a slow driver delays no step; what happened meanwhile goes with the next one. */
  private final RunSpec spec;
  private final Transport transport;
  private final Consumer<Throwable> onFailure;

  private final List<Message.StepLoss> unheard = new ArrayList<>();
  private long finished;
  private long reported;
  private boolean inFlight;
  private Leases pending;
  private boolean end; // asked for
  private boolean ended;
  private long adoptedVersion = 1;
  private long adoptedFrom;

  Lead(RunSpec spec, Transport transport, Consumer<Throwable> onFailure) {
    this.spec = spec;
    this.transport = transport;
    this.onFailure = onFailure;
  }

  /**
   * Records a finished step.
   *
   * @return what changes from the next step on, or null
   */
  synchronized Border finished(long step, double lossSum, double denominator) {
    finished = step + 1;
    unheard.add(new Message.StepLoss(step, lossSum, denominator));
    Leases next = pending;
    pending = null;
    if (finished == spec.totalSteps()) return null; // nobody joins after the last step
    if (end) {
      ended = true;
      return new Border(null, true);
    }
    if (next == null) return null;
    adoptedVersion = next.version();
    adoptedFrom = finished;
    return new Border(next, false);
  }

  /** Sends what is new, unless a report is on its way. */
  void report() {
    Message.Progress m;
    synchronized (this) {
      if (inFlight || reported == finished) return;
      inFlight = true;
      m =
          new Message.Progress(
              spec.run(), finished, List.copyOf(unheard), adoptedVersion, adoptedFrom, ended);
    }
    transport
        .call(spec.coordinator(), m)
        .whenComplete(
            (answer, error) -> {
              if (error != null) onFailure.accept(error);
              else heard(m, (Message.Plan) answer);
            });
  }

  private void heard(Message.Progress m, Message.Plan plan) {
    synchronized (this) {
      inFlight = false;
      reported = m.finished();
      unheard.removeIf(l -> l.step() < m.finished());
      if (plan.pending() != null && plan.pending().version() > adoptedVersion)
        pending = plan.pending();
      end |= plan.end();
    }
    report();
  }
}
