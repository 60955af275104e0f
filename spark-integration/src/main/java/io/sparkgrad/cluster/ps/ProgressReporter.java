package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reports finished steps to the coordinator, on the executor that holds segment 0, and at a step
 * boundary sends out a new assignment or the run's end. Thread-safe.
 */
final class ProgressReporter {
  /* One report at most is in flight, so a slow driver delays no step; what happened meanwhile goes with the next one. */
  private final RunSpec spec;
  private final Transport transport;
  private final Consumer<Throwable> onFailure;

  private final List<Message.StepLoss> unacknowledged = new ArrayList<>();
  private long finished;
  private long reported;
  private boolean inFlight;
  private Assignment pending;
  private boolean end; // asked for
  private boolean stopped;
  private long adoptedVersion = 1;
  private long adoptedFrom;

  ProgressReporter(RunSpec spec, Transport transport, Consumer<Throwable> onFailure) {
    this.spec = spec;
    this.transport = transport;
    this.onFailure = onFailure;
  }

  /**
   * Records a finished step.
   *
   * @return the change from the next step on; null: none
   */
  synchronized BoundaryChange finished(long step, double lossSum, double denominator) {
    finished = step + 1;
    unacknowledged.add(new Message.StepLoss(step, lossSum, denominator));
    Assignment next = pending;
    pending = null;
    if (finished == spec.totalSteps()) return null; // nobody joins after the last step
    if (end) {
      stopped = true;
      return new BoundaryChange(null, true);
    }
    if (next == null) return null;
    adoptedVersion = next.version();
    adoptedFrom = finished;
    return new BoundaryChange(next, false);
  }

  /** Sends what is new, unless a report is in flight. */
  void report() {
    Message.Progress m;
    synchronized (this) {
      if (inFlight || reported == finished) return;
      inFlight = true;
      m =
          new Message.Progress(
              spec.runId(),
              finished,
              List.copyOf(unacknowledged),
              adoptedVersion,
              adoptedFrom,
              stopped);
    }
    transport
        .call(spec.coordinator(), m)
        .whenComplete(
            (answer, error) -> {
              if (error != null) onFailure.accept(error);
              else acknowledged(m, (Message.Plan) answer);
            });
  }

  private void acknowledged(Message.Progress m, Message.Plan plan) {
    synchronized (this) {
      inFlight = false;
      reported = m.finished();
      unacknowledged.removeIf(l -> l.step() < m.finished());
      if (plan.pending() != null && plan.pending().version() > adoptedVersion)
        pending = plan.pending();
      end |= plan.end();
    }
    report();
  }
}
