package io.sparkgrad.cluster.ps;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Decides where a run ends, why, and which weights it gives: by the validation scores of its epochs
 * and the time. Not thread-safe: the coordinator's lock guards it.
 */
final class StoppingPolicy {
  /* All workers' scores of one step boundary are collected by worker and summed in worker order, whoever computed them
   * and in whatever order they came: the same bits for any placement. No two boundaries are open at a time, since nobody
   * passes one before its decision. */
  private final RunSpec spec;
  private final LongSupplier nanos;
  private long startNanos;
  private boolean requested;

  private long end;
  private StopReason reason = StopReason.EPOCHS;

  private long boundary; // being scored, or scored last
  private final Map<Integer, List<Score>> scores = new HashMap<>(); // at the boundary, by worker
  private final Map<Integer, List<Score>> unreported =
      new HashMap<>(); // sums over all workers, by epoch

  private final Map<Long, Message.StopDecision> decisions = new HashMap<>(); // by boundary

  private long best; // boundary of the lowest objective; 0: none yet
  private double lowest;
  private int worse; // boundaries since

  StoppingPolicy(RunSpec spec, LongSupplier nanos) {
    this.spec = spec;
    this.nanos = nanos;
    this.end = spec.totalSteps();
  }

  /** Starts the clock of {@link StopCriteria#maxNanos}, with the first step. */
  void start() {
    if (limited()) startNanos = nanos.getAsLong();
  }

  /** The boundary at which the run ends, as far as is known. */
  long end() {
    return end;
  }

  /** Asks that the run end at the next boundary. */
  void request() {
    requested = true;
  }

  /** Whether the run is to end at the next boundary. */
  boolean overdue() {
    return requested || (limited() && nanos.getAsLong() - startNanos >= spec.stop().maxNanos());
  }

  /** Ends the run at a boundary that nobody has passed, as {@link #overdue} asked. */
  void stopped(long at) {
    endAt(at, early());
  }

  /**
   * Adds scores; a worker's first ones count.
   *
   * @return whether all workers are in, so that the decision is known
   * @throws IllegalStateException for a boundary while another one is open
   */
  boolean add(long at, List<WorkerScores> from) {
    if (at != boundary) open(at);
    if (complete()) return true;
    for (WorkerScores w : from) add(w);
    if (!complete()) return false;
    List<Score> total = total();
    unreported.put(spec.epochBefore(at), total);
    decide(spec.stop().objective().of(total));
    decisions.put(at, new Message.StopDecision(spec.runId(), end, result()));
    return true;
  }

  /** The decision at a boundary, the same however often a loss repeats it; null: not yet. */
  Message.StopDecision decisionAt(long at) {
    return decisions.get(at);
  }

  RunOutcome outcome() {
    return new RunOutcome(end, best, result(), reason);
  }

  /** The epoch with its validation scores; null while they are not known. */
  EpochLoss validated(EpochLoss e) {
    if (!spec.stop().validates()) return e;
    List<Score> known = unreported.remove(e.epoch());
    return known == null ? null : e.validated(known);
  }

  private StopReason early() {
    return requested ? StopReason.REQUEST : StopReason.TIME;
  }

  private boolean limited() {
    return spec.stop().maxNanos() < Long.MAX_VALUE;
  }

  private long result() {
    return spec.stop().patience() > 0 && best > 0 ? best : end;
  }

  private void endAt(long at, StopReason why) {
    if (at >= end) return;
    end = at;
    reason = why;
  }

  private void open(long at) {
    if (at < boundary || (boundary > 0 && !complete()))
      throw new IllegalStateException("scores of step " + at + " while " + boundary + " is judged");
    boundary = at;
    scores.clear();
  }

  private void add(WorkerScores w) {
    if (w.worker() < 0 || w.worker() >= spec.workers() || w.scores().isEmpty())
      throw new IllegalArgumentException("scores of " + w + ", there are " + spec.workers());
    scores.putIfAbsent(w.worker(), w.scores());
  }

  private boolean complete() {
    return scores.size() == spec.workers();
  }

  private List<Score> total() {
    return IntStream.range(0, spec.workers())
        .mapToObj(scores::get)
        .reduce(StoppingPolicy::plus)
        .orElseThrow();
  }

  private static List<Score> plus(List<Score> a, List<Score> b) {
    if (a.size() != b.size()) throw new IllegalStateException("scores " + a + " and " + b);
    return IntStream.range(0, a.size()).mapToObj(i -> a.get(i).plus(b.get(i))).toList();
  }

  private void decide(double objective) {
    if (best == 0 || objective < lowest || (Double.isNaN(lowest) && !Double.isNaN(objective))) {
      best = boundary;
      lowest = objective;
      worse = 0;
    } else {
      worse++;
    }
    if (spec.stop().patience() > 0 && worse >= spec.stop().patience())
      endAt(boundary, StopReason.PATIENCE);
    else if (overdue()) endAt(boundary, early());
  }
}
