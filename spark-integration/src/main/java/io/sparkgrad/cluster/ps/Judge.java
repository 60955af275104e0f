package io.sparkgrad.cluster.ps;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Where a run ends, why, and which weights it gives: by the validation scores of its epochs and the
 * time. Not thread-safe: the coordinator's lock guards it.
 */
final class Judge {
  /* All workers' scores of one step border are collected by worker and summed in worker order, whoever computed them and
   * in whatever order they came: the same bits for any placement. No two borders are open at a time, since nobody passes
   * one before its verdict. */
  private final RunSpec spec;
  private final LongSupplier nanos;
  private long startNanos;

  private long end;
  private StopReason reason = StopReason.EPOCHS;

  private long border; // the one being scored, or scored last
  private final Map<Integer, List<Score>> scores = new HashMap<>(); // at the border, by worker
  private final Map<Integer, List<Score>> untold = new HashMap<>(); // all workers', by epoch

  private long best; // border of the lowest validation loss; 0: none yet
  private double bestLoss;
  private int worse; // borders since

  Judge(RunSpec spec, LongSupplier nanos) {
    this.spec = spec;
    this.nanos = nanos;
    this.end = spec.totalSteps();
  }

  /** The first step starts. */
  void start() {
    if (limited()) startNanos = nanos.getAsLong();
  }

  /** The border at which the run ends, as far as is known. */
  long end() {
    return end;
  }

  /** Whether the run is to end at the next border. */
  boolean overdue() {
    return limited() && nanos.getAsLong() - startNanos >= spec.until().maxNanos();
  }

  /** The lead ended the run, because it was told to. */
  void ended(long at) {
    endAt(at, StopReason.TIME);
  }

  /** The border whose scores are collected, or were last. */
  long border() {
    return border;
  }

  /**
   * Takes scores; those of workers that are in already count once.
   *
   * @return whether all workers are in, and the verdict is known
   * @throws IllegalStateException for a border while another one is open
   */
  boolean add(long at, List<WorkerScores> from) {
    if (at != border) open(at);
    if (complete()) return true;
    for (WorkerScores w : from) add(w);
    if (!complete()) return false;
    List<Score> total = total();
    untold.put(spec.epochBefore(at), total);
    decide(total.get(0).value());
    return true;
  }

  Message.Verdict verdict() {
    return new Message.Verdict(spec.run(), end, result());
  }

  Ending ending() {
    return new Ending(end, best, result(), reason);
  }

  /** The epoch with its validation; null while that is not known. */
  EpochLoss validated(EpochLoss e) {
    if (!spec.until().validates()) return e;
    List<Score> known = untold.remove(e.epoch());
    return known == null ? null : e.validated(known);
  }

  private boolean limited() {
    return spec.until().maxNanos() < Long.MAX_VALUE;
  }

  private long result() {
    return spec.until().patience() > 0 && best > 0 ? best : end;
  }

  private void endAt(long at, StopReason why) {
    if (at >= end) return;
    end = at;
    reason = why;
  }

  private void open(long at) {
    if (at < border || (border > 0 && !complete()))
      throw new IllegalStateException("scores of step " + at + " while " + border + " is judged");
    border = at;
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
        .reduce(Judge::plus)
        .orElseThrow();
  }

  private static List<Score> plus(List<Score> a, List<Score> b) {
    if (a.size() != b.size()) throw new IllegalStateException("scores " + a + " and " + b);
    return IntStream.range(0, a.size()).mapToObj(i -> a.get(i).plus(b.get(i))).toList();
  }

  private void decide(double loss) {
    if (best == 0 || loss < bestLoss || (Double.isNaN(bestLoss) && !Double.isNaN(loss))) {
      best = border;
      bestLoss = loss;
      worse = 0;
    } else {
      worse++;
    }
    if (spec.until().patience() > 0 && worse >= spec.until().patience())
      endAt(border, StopReason.PATIENCE);
    else if (overdue()) endAt(border, StopReason.TIME);
  }
}
