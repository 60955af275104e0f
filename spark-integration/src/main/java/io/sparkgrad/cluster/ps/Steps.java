package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
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
  /* Of a table only the rows are there that somebody asked for in this step, or named with the push before; others read
   * as NaN, so that whoever uses them without asking does not go unnoticed.
   *
   * The weights are one array for all tasks. They are written between the last delivery of a step and the opening of the
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
  private final Segments cut;
  private final Member self;
  private final Peers peers;
  private final FailureLatch latch;
  private final int inMaxima;
  private final float[] weights;
  private final Queue<float[]> free = new ConcurrentLinkedQueue<>();
  private final LongAdder optimum = new LongAdder();
  private final BitSet[] named; // rows of each table, for the next step
  private final BitSet[] asked; // in this step
  private final BitSet[] there;

  private Message.Commit commit; // null while fenced
  private List<Part> parts = List.of(); // of its chunks
  private long elsewhere; // bytes of the dense numbers that other executors hold
  private volatile Step now; // null while fenced or weights are on their way
  private Exchange exchange; // on its way; null: none
  private boolean toPull; // once no task computes
  private int computing; // tasks
  private boolean initial = true; // the weights are still the initial ones
  private volatile long end;
  private volatile long pin = -1;

  Steps(RunSpec spec, Member self, Peers peers, FailureLatch latch, float[] initial) {
    this.spec = spec;
    this.cut = spec.segments();
    this.self = self;
    this.peers = peers;
    this.latch = latch;
    this.inMaxima = spec.inMaxima();
    this.weights = initial.clone();
    Arrays.fill(weights, cut.dense(), weights.length, Float.NaN);
    this.named = rowSets(spec);
    this.asked = rowSets(spec);
    this.there = rowSets(spec);
    this.end = spec.totalSteps();
  }

  private static BitSet[] rowSets(RunSpec spec) {
    return spec.tables().stream().map(t -> new BitSet()).toArray(BitSet[]::new);
  }

  /** Voids the step. */
  synchronized void fence() {
    commit = null;
    now = null;
    exchange = null;
    toPull = false;
    for (BitSet rows : named) rows.clear();
  }

  /** Goes on from a version of the weights; fetches it once no task computes. */
  void open(Message.Commit m) {
    synchronized (this) {
      fence();
      commit = m;
      end = m.end();
      parts = Part.of(m.chunks(), cut, self.address());
      elsewhere = parts.stream().filter(Part::isElsewhere).mapToLong(Part::bytes).sum();
      toPull = m.assignment().workersOn(self.executor()) > 0;
    }
    pullAtRest();
  }

  private void pullAtRest() {
    Exchange pull = null;
    synchronized (this) {
      if (!toPull || computing > 0) return;
      toPull = false;
      forgetRows();
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
                    parts.stream().filter(p -> !p.isRows()).toList(),
                    List.of(),
                    p ->
                        new Message.Pull(spec.runId(), from.epoch(), p.chunk().id(), from.start()));
      }
    }
    if (pull == null) latch.changed();
    else pull.start();
  }

  /** Under the lock; the caller wakes the tasks after it, since they ask under the latch's. */
  private void open(long index) {
    TreeSum sum = new TreeSum(spec.workers(), inMaxima, freed -> free.add(freed.array()));
    int workers = commit.assignment().workersOn(self.executor());
    exchange = null;
    now = new Step(commit.epoch(), index, commit.assignment(), sum, new AtomicInteger(workers));
  }

  /* Before those of the next step come. */
  private void forgetRows() {
    for (int t = 0; t < there.length; t++) {
      RowTable table = spec.tables().get(t);
      there[t].stream()
          .map(table::at)
          .forEach(at -> Arrays.fill(weights, at, at + table.width(), Float.NaN));
      there[t].clear();
      asked[t].clear();
    }
  }

  /** Asks for those of the named rows that nobody asked for in this step. */
  void request(Step in, List<TableRows> wanted) {
    List<Part> tables;
    List<TableRows> missing;
    synchronized (this) {
      if (now != in) return;
      missing = wanted.stream().map(r -> r.only(id -> !asked[r.table()].get(id))).toList();
      add(missing, asked);
      tables = parts.stream().filter(Part::isRows).toList();
    }
    for (Part p : tables) {
      Chunk c = p.chunk();
      List<TableRows> here = cut.only(missing, c.segments());
      if (here.isEmpty()) continue;
      Message pull = new Message.Pull(spec.runId(), in.epoch(), c.id(), in.index(), here);
      if (p.isElsewhere()) optimum.add(bytes(here, 0));
      peers.call(in.epoch(), c.primary(), pull, answer -> answered(in, p, answer));
    }
  }

  private static void add(List<TableRows> rows, BitSet[] to) {
    for (TableRows r : rows) for (int id : r.ids()) to[r.table()].set(id);
  }

  private void answered(Step in, Part p, Message answer) {
    if (answer instanceof Message.Stale) return; // a fence is on its way
    synchronized (this) {
      if (now != in) return;
      show(p, in.index(), answer);
    }
    latch.changed();
  }

  /** Whether all of the named rows are there. */
  synchronized boolean isThere(List<TableRows> wanted) {
    for (TableRows r : wanted) for (int id : r.ids()) if (!there[r.table()].get(id)) return false;
    return true;
  }

  /** Takes over what a primary answered. */
  private void show(Part p, long version, Message answer) {
    if (!(answer instanceof Message.Weights w)
        || w.version() != version
        || w.chunk() != p.chunk().id()
        || w.values().length() != (p.isRows() ? 0 : p.numbers().size()))
      throw new IllegalStateException(
          "expected version %s of the segments %s, got %s"
              .formatted(version, p.chunk().segments(), answer));
    if (!p.isRows()) p.numbers().scatter(w.values(), weights);
    w.values().release();
    for (TableRows r : w.rows()) {
      RowTable table = spec.tables().get(r.table());
      for (int i = 0; i < r.ids().length; i++) {
        System.arraycopy(
            r.values(), i * table.width(), weights, table.at(r.ids()[i]), table.width());
        there[r.table()].set(r.ids()[i]);
      }
    }
  }

  /* What rows take at least: numbers, and for ids so many bytes each. */
  private long bytes(List<TableRows> rows, int perId) {
    long n = 0;
    for (TableRows r : rows)
      n += r.ids().length * (perId + (long) Float.BYTES * spec.tables().get(r.table()).width());
    return n;
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
    return b != null ? b : new float[cut.dense()];
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
   * @param next the rows that the worker will look up in the next step, as far as is known
   * @return false: the step was voided
   */
  boolean deliver(Step step, PartialSum worker, List<TableRows> next) {
    if (now != step) return false;
    synchronized (this) {
      if (!next.isEmpty()) add(next, named);
    }
    step.sum().add(worker);
    if (step.undelivered().decrementAndGet() > 0) return true;
    List<PartialSum> nodes = step.sum().nodes();
    Exchange push;
    synchronized (this) {
      if (now != step) return false;
      push = push(step, nodes);
    }
    push.start();
    return true;
  }

  /** Under the lock. */
  private Exchange push(Step step, List<PartialSum> nodes) {
    long epoch = step.epoch();
    long keep = pin <= step.index() ? pin : -1; // a verdict may be ahead of a repeated step
    optimum.add((nodes.size() + 1) * elsewhere);
    List<TableRows> next = takeNamed();
    exchange =
        new Exchange(
            commit,
            step.index() + 1,
            parts,
            nodes,
            p -> {
              List<PartialSum> sums = new ArrayList<>(nodes.size());
              for (PartialSum n : nodes) sums.add(n.of(p, cut));
              List<TableRows> wanted =
                  p.isRows() ? cut.only(next, p.chunk().segments()) : List.of();
              if (p.isElsewhere()) optimum.add(bytes(sums, wanted));
              return new Message.Push(
                  spec.runId(),
                  epoch,
                  self.address(),
                  p.chunk().id(),
                  step.index(),
                  keep,
                  sums,
                  wanted);
            });
    return exchange;
  }

  /** The rows to ask for in a push; from now on they count as asked for, and no others. */
  private List<TableRows> takeNamed() {
    forgetRows();
    List<TableRows> next = new ArrayList<>();
    for (int t = 0; t < named.length; t++) {
      if (named[t].isEmpty()) continue;
      next.add(TableRows.named(t, named[t].stream().toArray()));
      asked[t].or(named[t]);
      named[t].clear();
    }
    return next;
  }

  private long bytes(List<PartialSum> sums, List<TableRows> wanted) {
    long n = bytes(wanted, 0);
    for (PartialSum p : sums) n += bytes(p.gradient().rows(), Long.BYTES);
    return n;
  }

  /** A question to every primary; when all have answered, the next step opens. */
  private final class Exchange {
    private final Message.Commit in;
    private final long version;
    private final List<PartialSum> nodes;
    private final Function<Part, Message> question;
    private final List<Part> parts;
    private final Set<Integer> open = new HashSet<>();

    Exchange(
        Message.Commit in,
        long version,
        List<Part> parts,
        List<PartialSum> nodes,
        Function<Part, Message> question) {
      this.in = in;
      this.version = version;
      this.parts = parts;
      this.nodes = nodes;
      this.question = question;
      for (Part p : parts) open.add(p.chunk().id());
    }

    void start() {
      for (Part p : parts)
        peers.call(
            in.epoch(), p.chunk().primary(), question.apply(p), answer -> answered(p, answer));
    }

    private void answered(Part p, Message answer) {
      if (answer instanceof Message.Stale) return; // a fence is on its way
      synchronized (Steps.this) {
        if (exchange != this || !open.contains(p.chunk().id())) return;
        initial = false;
        show(p, version, answer);
        open.remove(p.chunk().id());
        if (!open.isEmpty()) return;
        for (PartialSum n : nodes)
          if (n.gradient().dense() != null) free.add(n.gradient().dense().array());
        open(version);
      }
      latch.changed();
    }
  }
}
