package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One segment: weights, optimizer state, step clock, the sum of the current step and the replies
 * that wait for it. Thread-safe.
 */
final class ShardSegment {
  /* The lock guards clock, sum and the parked replies only. Adding and stepping happen outside of it, by the thread that
   * brought the last missing sibling: the tree hands out the completed root once, and nobody can push to the next step
   * before the clock moved. Replies are callbacks; no thread waits here.
   *
   * Weights leave by reference, not by copy: they change only when all workers pushed the next step, and an executor
   * pushes only after it has read its reply. A reply to a duplicate may be overtaken by the next step; its receiver had
   * the same answer before and drops it.
   *
   * Weights that may be the run's result are copied just before a step replaces them, because a push of that step says so:
   * all segments then keep the same step's, whatever the executor that holds them does besides. */
  private final RunSpec spec;
  private final Layout.Segment at;
  private final ProgressReporter reporter; // null unless this is segment 0
  private final float[] weights;
  private final float[][] slots;

  private long clock; // finished steps
  private TreeSum sum;
  private List<Transport.Reply> parked = new ArrayList<>();
  private List<Waiting> pulls = new ArrayList<>();
  private BoundaryChange boundary; // sent with the last answer
  private boolean keep; // what this step replaces
  private float[] kept; // null: none yet
  private long keptStep;
  private String aborted;

  private record Waiting(long step, Transport.Reply reply) {}

  ShardSegment(RunSpec spec, Layout.Segment at, float[] initial, ProgressReporter reporter) {
    this.spec = spec;
    this.at = at;
    this.reporter = reporter;
    this.weights = Arrays.copyOfRange(initial, at.from(), at.from() + at.length());
    this.slots = new float[spec.optimizer().slots().size()][at.length()];
    this.sum = newSum();
  }

  private TreeSum newSum() {
    return new TreeSum(spec.workers(), freed -> {});
  }

  /** Returns an action to run outside of the callers' locks. */
  Runnable push(Message.Push m, Transport.Reply reply) {
    TreeSum into;
    synchronized (this) {
      if (aborted != null) return refuse(reply, aborted);
      if (m.step() > clock)
        return refuse(
            reply, "push for step %s of %s, which is at step %s".formatted(m.step(), at, clock));
      if (m.step() < clock) return repeat(m.step(), reply);
      parked.add(reply);
      keep |= m.keep();
      into = sum;
    }
    return () -> {
      for (PartialSum p : m.nodes()) if (into.add(p)) finishStep(into.nodes().get(0));
    };
  }

  /** Parks the reply until the step's weights are there. */
  synchronized Runnable pull(Message.Pull m, Transport.Reply reply) {
    if (aborted != null) return refuse(reply, aborted);
    if (m.step() == clock) {
      EncodedMessage now = weights(null);
      return () -> reply.send(now);
    }
    if (m.step() < clock) return () -> reply.send(new Message.Ack(spec.runId()));
    pulls.add(new Waiting(m.step(), reply));
    return () -> {};
  }

  void abort(String text) {
    List<Transport.Reply> waiting = new ArrayList<>();
    synchronized (this) {
      if (aborted != null) return;
      aborted = text;
      waiting.addAll(parked);
      for (Waiting w : pulls) waiting.add(w.reply());
      parked.clear();
      pulls.clear();
    }
    for (Transport.Reply r : waiting) refuse(r, text).run();
  }

  /** Copies the weights with which a step started: the current ones, or those that were kept. */
  synchronized WeightRange range(long step) {
    if (step == clock) return new WeightRange(at.from(), weights.clone());
    if (kept != null && step == keptStep) return new WeightRange(at.from(), kept.clone());
    throw new IllegalStateException(
        "%s is at step %s and did not keep the weights of step %s".formatted(at, clock, step));
  }

  /** Answers a push that counted already: the last one may still need it, older ones had it. */
  private Runnable repeat(long step, Transport.Reply reply) {
    EncodedMessage answer =
        step == clock - 1 ? weights(boundary) : new EncodedMessage(new Message.Ack(spec.runId()));
    return () -> reply.send(answer);
  }

  private void finishStep(PartialSum total) {
    long step = clock; // only this thread may move it now
    keepIfAsked(step);
    String broken = total.denominator() == 0 ? null : update(total, step);
    if (broken != null) {
      abort(broken);
      return;
    }
    BoundaryChange next =
        reporter == null ? null : reporter.finished(step, total.lossSum(), total.denominator());
    List<Transport.Reply> ready;
    EncodedMessage answer;
    synchronized (this) {
      clock++;
      boundary = next;
      sum = newSum();
      ready = takeReady();
      answer = weights(next);
    }
    for (Transport.Reply r : ready) r.send(answer);
    if (reporter != null) reporter.report();
  }

  private synchronized void keepIfAsked(long step) {
    if (!keep) return;
    keep = false;
    if (kept == null) kept = new float[weights.length];
    System.arraycopy(weights, 0, kept, 0, kept.length);
    keptStep = step;
  }

  private List<Transport.Reply> takeReady() {
    List<Transport.Reply> ready = parked;
    parked = new ArrayList<>();
    List<Waiting> later = new ArrayList<>();
    for (Waiting w : pulls) {
      if (w.step() == clock) ready.add(w.reply());
      else later.add(w);
    }
    pulls = later;
    return ready;
  }

  /**
   * Steps the optimizer by the mean gradient.
   *
   * @return what is wrong with it; null: nothing
   */
  private String update(PartialSum total, long step) {
    Floats g = total.sum() == null ? Floats.of(new float[at.length()]) : total.sum();
    g.divide(total.denominator());
    if (!g.areFinite())
      return "the gradient of the numbers %s to %s is not finite at step %s of %s (sum over all workers): lower the learning rate or look for a division by zero"
          .formatted(at.from(), at.from() + at.length() - 1, step, spec.totalSteps());
    spec.optimizer().step(weights, 0, g.array(), g.from(), slots, at.length(), step + 1);
    return null;
  }

  private EncodedMessage weights(BoundaryChange with) {
    return new EncodedMessage(
        new Message.Weights(spec.runId(), clock, at.index(), Floats.of(weights), with));
  }

  private Runnable refuse(Transport.Reply reply, String text) {
    return () -> reply.send(new Message.Refused(spec.runId(), text));
  }
}
