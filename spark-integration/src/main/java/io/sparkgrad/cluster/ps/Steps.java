package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The current step of an executor: its tasks deliver their workers' gradients, the last delivery
 * pushes the sums to all primaries, and the last answer opens the next step. A fence voids the
 * step; a commit opens an earlier one, or the same once more. Thread-safe.
 */
class Steps {
  /* The weights are one array for all tasks. They are written between the last delivery of a step and the opening of the
   * next, when no task reads them; after a commit, as soon as no task computes any more. Arrays of summed gradients go
   * back to the pool as soon as they were added, the sums themselves when all answers are in, because segments in the same
   * JVM work on them in place; those of a voided step never. */

  /** One step of this executor. */
  record Step(
      long epoch, long index, Assignment assignment, TreeSum sum, AtomicInteger undelivered) {}

  /** What the steps need of the rest. */
  interface Peers {
    /** Sends to an executor until it answers; the answer is Weights, Ack or Stale. */
    void call(long epoch, Address to, Message m, java.util.function.Consumer<Message> answer);
  }

  private final RunSpec spec;
  private final Member self;
  private final Peers peers;
  private final FailureLatch latch;
  private final float[] weights;
  private final Queue<float[]> free = new ConcurrentLinkedQueue<>();
  private final LongAdder optimum = new LongAdder();

  private Message.Commit commit; // null while fenced
  private long elsewhere; // bytes of the model that other executors hold
  private volatile Step now; // null while fenced or weights are on their way
  private Exchange exchange; // on its way; null: none
  private boolean toPull; // once no task computes
  private int computing; // tasks
  private boolean initial = true; // the weights are still the initial ones
  private volatile long end;
  private volatile long pin = -1;

  Steps(RunSpec spec, Member self, Peers peers, FailureLatch latch, float[] initial) {
    this.spec = spec;
    this.self = self;
    this.peers = peers;
    this.latch = latch;
    this.weights = initial.clone();
    this.end = spec.totalSteps();
  }

  /** Voids the step. */
  synchronized void fence() {
    commit = null;
    now = null;
    exchange = null;
    toPull = false;
  }

  /** Goes on from a version of the weights; fetches it once no task computes. */
  void open(Message.Commit m) {
    synchronized (this) {
      fence();
      commit = m;
      end = m.end();
      elsewhere = 0;
      for (Chunk c : m.chunks())
        if (!c.primary().equals(self.address()))
          elsewhere += (long) Float.BYTES * spec.segments().numbers(c.segments()).size();
      toPull = m.assignment().workersOn(self.executor()) > 0;
    }
    pullAtRest();
  }

  private void pullAtRest() {
    Exchange pull = null;
    synchronized (this) {
      if (!toPull || computing > 0) return;
      toPull = false;
      if (initial && commit.start() == 0) {
        open(0);
      } else {
        Message.Commit from = commit;
        optimum.add(elsewhere);
        exchange =
            pull =
                new Exchange(
                    from,
                    from.start(),
                    List.of(),
                    c -> new Message.Pull(spec.runId(), from.epoch(), c.id(), from.start()));
      }
    }
    if (pull == null) latch.changed();
    else pull.start();
  }

  /** Under the lock; the caller wakes the tasks after it, since they ask under the latch's. */
  private void open(long index) {
    TreeSum sum = new TreeSum(spec.workers(), freed -> free.add(freed.array()));
    int workers = commit.assignment().workersOn(self.executor());
    exchange = null;
    now = new Step(commit.epoch(), index, commit.assignment(), sum, new AtomicInteger(workers));
  }

  /** The open step; null while there is none. */
  Step now() {
    return now;
  }

  /** The run's last boundary, as far as is known. */
  long end() {
    return end;
  }

  /** Takes note of a verdict that was asked for in this step. */
  synchronized void decided(Step in, Message.StopDecision d) {
    if (now != in) return;
    end = Math.min(end, d.end()); // it may have been set since a verdict that is repeated
    if (spec.stop().patience() > 0 && d.result() <= in.index()) pin = Math.max(pin, d.result());
  }

  float[] weights() {
    return weights;
  }

  float[] buffer() {
    float[] b = free.poll();
    return b != null ? b : new float[spec.numel()];
  }

  /** Bytes that the steps so far had to send at least. */
  long optimum() {
    return optimum.sum();
  }

  /** Lets a task compute the open step if it is one of these; the weights stay until it rests. */
  synchronized Step take(Predicate<Step> wanted) {
    Step s = now;
    if (s == null || !wanted.test(s)) return null;
    computing++;
    return s;
  }

  /** The task computes no more. */
  void rest() {
    synchronized (this) {
      computing--;
    }
    pullAtRest();
  }

  /**
   * Adds a worker's gradient.
   *
   * @return false: the step was voided
   */
  boolean deliver(Step step, int worker, float[] gradient, double lossSum, double denominator) {
    if (now != step) return false;
    Floats sum = gradient == null ? null : Floats.of(gradient);
    step.sum().add(new PartialSum(TreeNode.leaf(worker), sum, lossSum, denominator));
    if (step.undelivered().decrementAndGet() > 0) return true;
    List<PartialSum> nodes = step.sum().nodes();
    Exchange push;
    synchronized (this) {
      if (now != step) return false;
      Message.Commit in = commit;
      long keep = pin <= step.index() ? pin : -1; // a verdict may be ahead of a repeated step
      optimum.add((nodes.size() + 1) * elsewhere);
      exchange =
          push =
              new Exchange(
                  in,
                  step.index() + 1,
                  nodes,
                  c ->
                      new Message.Push(
                          spec.runId(),
                          in.epoch(),
                          self.address(),
                          c.id(),
                          step.index(),
                          keep,
                          cut(nodes, c)));
    }
    push.start();
    return true;
  }

  private List<PartialSum> cut(List<PartialSum> nodes, Chunk c) {
    Spans numbers = spec.segments().numbers(c.segments());
    return nodes.stream().map(n -> n.gather(numbers)).toList();
  }

  /** A question to every primary; when all have answered, the next step opens. */
  private final class Exchange {
    private final Message.Commit in;
    private final long version;
    private final List<PartialSum> nodes;
    private final Function<Chunk, Message> question;
    private final Set<Integer> open = new HashSet<>();

    Exchange(
        Message.Commit in,
        long version,
        List<PartialSum> nodes,
        Function<Chunk, Message> question) {
      this.in = in;
      this.version = version;
      this.nodes = nodes;
      this.question = question;
      for (Chunk c : in.chunks()) open.add(c.id());
    }

    /* The others' segments first: they travel while the own ones are summed here. */
    void start() {
      List<Chunk> order = new ArrayList<>(in.chunks());
      order.sort(
          (a, b) ->
              Boolean.compare(
                  a.primary().equals(self.address()), b.primary().equals(self.address())));
      for (Chunk c : order)
        peers.call(in.epoch(), c.primary(), question.apply(c), answer -> answered(c, answer));
    }

    private void answered(Chunk c, Message answer) {
      if (answer instanceof Message.Stale) return; // a fence is on its way
      Spans numbers = spec.segments().numbers(c.segments());
      synchronized (Steps.this) {
        if (exchange != this || !open.contains(c.id())) return;
        if (!(answer instanceof Message.Weights w)
            || w.version() != version
            || w.chunk() != c.id()
            || w.values().length() != numbers.size())
          throw new IllegalStateException(
              "expected version %s of the segments %s, got %s"
                  .formatted(version, c.segments(), answer));
        initial = false;
        numbers.scatter(w.values(), weights);
        open.remove(c.id());
        if (!open.isEmpty()) return;
        for (PartialSum p : nodes) if (p.sum() != null) free.add(p.sum().array());
        open(version);
      }
      latch.changed();
    }
  }
}
