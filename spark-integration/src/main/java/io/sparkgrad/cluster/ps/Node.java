package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * One executor in a run: its segments, its step and what it knows of the epoch. Has no threads and
 * no clock of its own. Thread-safe.
 */
class Node implements Transport.Handler {
  /* The lock guards the epoch. A fence and a commit are taken under it whole; pushes, pulls and forwards go past it to the
   * copies, each of which knows its own epoch. Nothing is sent under a lock. */
  private static final long HEARTBEAT_MS = 2_000;
  private static final int MOST_EARLY = 10_000; // messages that wait for a commit

  private record EarlyMessage(long epoch, Message message, Transport.Reply reply) {}

  private final RunSpec spec;
  private final Member self;
  private final Timer timer;
  private final PeerCalls peers;
  private final CoordinatorCalls driver;
  private final FailureLatch latch;
  private final Runnable onEnd;
  private final Shard shard;
  private final NormExchange norms;
  private final Steps steps;
  private final ProgressReporter reporter;

  private long epoch; // the highest heard of
  private volatile long committed; // the open one, or the last that was open
  private volatile Message.Commit commit; // its; null before the first
  private List<EarlyMessage> early = new ArrayList<>();
  private volatile boolean over;
  private volatile boolean closed;
  private volatile String broken; // what failed here; null: nothing

  /**
   * @param initial all parameters, flattened; shared, never written
   * @param onEnd called when the run is over or failed
   */
  Node(
      RunSpec spec,
      String executor,
      Transport transport,
      Timer timer,
      FailureLatch latch,
      float[] initial,
      Runnable onEnd) {
    this.spec = spec;
    this.self = new Member(executor, transport.address());
    this.timer = timer;
    this.peers = new PeerCalls(transport, timer, new PeersOwner());
    this.driver = new CoordinatorCalls(spec.coordinator(), transport, timer, new DriverOwner());
    this.latch = latch;
    this.onEnd = onEnd;
    this.shard = shard(spec, transport.address(), initial);
    this.norms = new NormExchange(spec);
    this.steps = new Steps(spec, self, this::exchange, latch, initial);
    this.reporter = new ProgressReporter(spec, shard, timer, this::ask, this::failed);
  }

  Shard shard(RunSpec spec, Address self, float[] initial) {
    return new Shard(spec, self, initial);
  }

  /** Starts to say that it lives, until it is closed. */
  void start() {
    timer.after(HEARTBEAT_MS, this::beat);
  }

  Member self() {
    return self;
  }

  Steps steps() {
    return steps;
  }

  /** What the executor holds now. */
  List<Held> held() {
    return shard.held();
  }

  FailureLatch latch() {
    return latch;
  }

  /** Whether the run is over, and well. */
  boolean over() {
    return over;
  }

  boolean ended() {
    return over || latch.failed();
  }

  /** Sends nothing any more. */
  void close() {
    closed = true;
  }

  private void beat() {
    if (closed || ended()) return;
    ask(new Message.Heartbeat(spec.runId(), self.address()));
    timer.after(HEARTBEAT_MS, this::beat);
  }

  @Override
  public void receive(Message m, Transport.Reply reply) {
    Outbox out = new Outbox();
    try {
      if (m instanceof Message.Push p) push(p, reply, out);
      else if (m instanceof Message.Pull p) pull(p, reply, out);
      else if (m instanceof Message.Collect c) collect(c, reply, out);
      else if (m instanceof Message.Forward f) forwarded(f, reply, out);
      else if (m instanceof Message.Measured n) measured(n, reply, out);
      else if (m instanceof Message.Totals n) totals(n, reply, out);
      else control(m, reply, out);
    } finally {
      out.flush();
    }
  }

  private void control(Message m, Transport.Reply reply, Outbox out) {
    if (m instanceof Message.Abort a) {
      ack(reply, out);
      out.later(() -> abort(a.text()));
    } else if (m instanceof Message.Over) {
      ack(reply, out);
      out.later(this::finish);
    } else if (m instanceof Message.Fence f) {
      fence(f, reply, out);
    } else if (m instanceof Message.Copy c) {
      copy(c, reply, out);
    } else if (m instanceof Message.Install i) {
      install(i, reply, out);
    } else if (m instanceof Message.Commit c) {
      commit(c, reply, out);
    } else {
      refuse(reply, "an executor does not serve " + m.getClass().getSimpleName(), out);
    }
  }

  private void refuse(Transport.Reply reply, String text, Outbox out) {
    out.send(reply, new Message.Refused(spec.runId(), text));
  }

  private void ack(Transport.Reply reply, Outbox out) {
    out.send(reply, new Message.Ack(spec.runId()));
  }

  private synchronized void stale(Transport.Reply reply, Outbox out) {
    out.send(reply, new Message.Stale(spec.runId(), epoch));
  }

  private void push(Message.Push m, Transport.Reply reply, Outbox out) {
    ChunkCopy copy = copyFor(m.epoch(), m.chunk(), m, reply, out);
    if (copy == null) return;
    checkSender(m);
    if (copy.push(m, reply, out)) out.later(() -> stepped(copy));
  }

  /* A stranger's numbers, or what others compute, must not count. */
  private void checkSender(Message.Push m) {
    Message.Commit in = commit;
    if (in.epoch() != m.epoch()) return; // then the copy is of another epoch, too
    String executor = in.executorAt(m.from());
    if (executor == null) throw new IllegalArgumentException(m.from() + " takes no part");
    for (PartialSum p : m.nodes())
      if (!in.assignment().computes(executor, p.node(), spec.workers()))
        throw new IllegalArgumentException(
            "executor %s does not compute %s".formatted(executor, p.node()));
  }

  private void pull(Message.Pull m, Transport.Reply reply, Outbox out) {
    ChunkCopy copy = copyFor(m.epoch(), m.chunk(), m, reply, out);
    if (copy != null) copy.pull(m, reply, out);
  }

  private void collect(Message.Collect m, Transport.Reply reply, Outbox out) {
    ChunkCopy copy = copyFor(m.epoch(), m.chunk(), m, reply, out);
    if (copy != null) copy.collect(m, reply, out);
  }

  private void forwarded(Message.Forward m, Transport.Reply reply, Outbox out) {
    ChunkCopy copy = copyFor(m.epoch(), m.chunk(), m, reply, out);
    if (copy != null) copy.forward(m, reply, out);
  }

  /** The copy that a message is for; null: it was answered, or waits for its epoch. */
  private ChunkCopy copyFor(long of, int chunk, Message m, Transport.Reply reply, Outbox out) {
    if (!hasOpened(of, m, reply, out)) return null;
    ChunkCopy copy = shard.at(chunk);
    if (copy == null) stale(reply, out); // fenced, or not held here
    return copy;
  }

  /** Whether a message's epoch was opened here; else it was answered, or waits for it. */
  private boolean hasOpened(long of, Message m, Transport.Reply reply, Outbox out) {
    if (of == committed) return true;
    synchronized (this) {
      if (of == committed) return true; // the commit came between
      if (of < epoch || latch.failed()) stale(reply, out);
      else if (early.size() == MOST_EARLY) refuse(reply, "too many messages wait here", out);
      else {
        early.removeIf(e -> !e.reply().isOpen());
        early.add(new EarlyMessage(of, m, reply));
      }
    }
    return false;
  }

  private void measured(Message.Measured m, Transport.Reply reply, Outbox out) {
    if (!hasOpened(m.epoch(), m, reply, out)) return;
    take(m, out);
    ack(reply, out);
  }

  private void take(Message.Measured m, Outbox out) {
    List<Double> total = norms.add(m);
    if (total != null) go(m.step(), m.kind(), total, out);
  }

  /** Goes on with the step of the copies that wait for a total. */
  private void go(long step, int kind, List<Double> total, Outbox out) {
    for (ChunkCopy c : shard.primaries())
      if (c.total(step, kind, total, out)) out.later(() -> stepped(c));
  }

  private void totals(Message.Totals m, Transport.Reply reply, Outbox out) {
    if (!hasOpened(m.epoch(), m, reply, out)) return;
    take(m, out);
    ack(reply, out);
  }

  private void take(Message.Totals m, Outbox out) {
    if (!norms.add(m)) return;
    for (int kind = 0; kind < spec.norms().size(); kind++)
      go(m.step(), kind, norms.of(kind, m.totals()), out);
  }

  /** Says the totals of the steps that were made here and that others repeat. */
  private void shareTotals(Message.Commit in) {
    if (spec.norms().isEmpty()) return;
    Map<Long, List<Double>> made = new HashMap<>();
    for (ChunkCopy c : shard.primaries())
      for (long step = in.start(); step < c.version(); step++)
        if (c.norms(step) != null) made.put(step, c.norms(step));
    made.forEach(
        (step, totals) -> {
          Message.Totals m =
              new Message.Totals(spec.runId(), in.epoch(), self.address(), step, totals);
          tellPrimaries(in, m);
          Outbox out = new Outbox();
          take(m, out);
          out.flush();
        });
  }

  private void tellPrimaries(Message.Commit in, Message m) {
    in.chunks().stream()
        .map(Chunk::primary)
        .distinct()
        .filter(a -> !a.equals(self.address()))
        .forEach(a -> peers.call(in.epoch(), a, m, answer -> {}));
  }

  private synchronized void fence(Message.Fence m, Transport.Reply reply, Outbox out) {
    driver.heard();
    if (m.epoch() < epoch || m.epoch() == committed) {
      stale(reply, out);
      return;
    }
    epoch = m.epoch();
    steps.fence();
    norms.close();
    List<Held> held = shard.fence(epoch, out);
    answerEarly(out);
    out.send(reply, new Message.Fenced(spec.runId(), epoch, held));
  }

  private void answerEarly(Outbox out) {
    List<EarlyMessage> waiting = early;
    early = new ArrayList<>();
    for (EarlyMessage e : waiting) {
      if (e.epoch() == committed) out.later(() -> receive(e.message(), e.reply()));
      else if (e.epoch() >= epoch) early.add(e);
      else stale(e.reply(), out);
    }
  }

  private boolean between(long of, Transport.Reply reply, Outbox out) {
    if (of == epoch && of != committed) return true;
    stale(reply, out);
    return false;
  }

  private synchronized void copy(Message.Copy m, Transport.Reply reply, Outbox out) {
    if (!between(m.epoch(), reply, out)) return;
    CopyState state = shard.snapshot(m.segments(), m.version());
    Message install = new Message.Install(spec.runId(), m.epoch(), state);
    out.later(() -> peers.call(m.epoch(), m.to(), install, reply::send));
  }

  private synchronized void install(Message.Install m, Transport.Reply reply, Outbox out) {
    if (!between(m.epoch(), reply, out)) return;
    shard.install(m.state());
    ack(reply, out);
  }

  private synchronized void commit(Message.Commit m, Transport.Reply reply, Outbox out) {
    driver.heard();
    if (m.epoch() < epoch) {
      stale(reply, out);
      return;
    }
    ack(reply, out);
    if (m.epoch() == committed || latch.failed()) return;
    epoch = m.epoch();
    shard.open(m);
    norms.open(m);
    commit = m;
    committed = epoch;
    answerEarly(out);
    out.later(() -> opened(m));
  }

  private void opened(Message.Commit m) {
    synchronized (this) {
      if (epoch != m.epoch()) return; // fenced meanwhile
    }
    shareTotals(m);
    steps.open(m);
    latch.changed();
    reporter.changed();
  }

  /** Goes on after a copy's step. */
  private void stepped(ChunkCopy copy) {
    String broken = copy.aborted();
    if (broken != null) {
      failed(new RunFailedException(broken));
      return;
    }
    Message.Measured sums = copy.measure();
    if (sums != null) {
      share(sums);
      return;
    }
    shard.reached(copy.version());
    forward(copy);
    if (copy.isReporter()) reporter.changed();
  }

  private void share(Message.Measured sums) {
    Message.Commit in = commit;
    if (in.epoch() != sums.epoch()) return; // fenced meanwhile
    tellPrimaries(in, sums);
    Outbox out = new Outbox();
    take(sums, out);
    out.flush();
  }

  private void forward(ChunkCopy copy) {
    Message.Forward m = copy.takeForward();
    if (m == null) return;
    peers.call(
        m.epoch(),
        copy.backup(),
        m,
        answer -> {
          if (!(answer instanceof Message.Ack)) return; // stale: a fence is on its way
          Outbox out = new Outbox();
          copy.backedUp(m, out);
          out.flush();
          forward(copy);
        });
  }

  /** Sends for a step; where this is the primary's backup, its own copy makes the weights. */
  private void exchange(long of, Address to, Message m, Consumer<Message> answer) {
    peers.call(
        of,
        to,
        m,
        got -> {
          if (!(got instanceof Message.Repeat r)) {
            answer.accept(got);
            return;
          }
          ChunkCopy copy = of == committed ? shard.at(r.step().chunk()) : null;
          if (copy != null && m instanceof Message.Push p)
            answer.accept(copy.repeat(r.step(), p.next()));
        });
  }

  private synchronized boolean endedIn(long of) {
    return closed || epoch != of || latch.failed();
  }

  /** Sends to the coordinator until it answers. */
  CompletableFuture<Message> ask(Message m) {
    return driver.call(m);
  }

  /**
   * Reports a failure that is no task's. The tasks hear of it once the driver has: the last one to
   * leave closes the connections.
   */
  void failed(Throwable e) {
    boolean plain = e instanceof Transport.RefusedException || e instanceof RunFailedException;
    String text = plain ? e.getMessage() : e.toString();
    synchronized (this) {
      if (ended() || broken != null) return;
      broken = text;
    }
    Steps.Step at = steps.now();
    ask(failure(-1, at == null ? -1 : at.index(), text))
        .whenComplete((heard, refused) -> abort(text));
  }

  Message.Fail failure(long task, long step, String text) {
    return new Message.Fail(spec.runId(), task, self.executor(), self.address(), step, text);
  }

  private void finish() {
    over = true;
    latch.changed();
    onEnd.run();
  }

  /** Ends the run in this executor for a reason that the driver knows. */
  void abort(String text) {
    abort(text, true);
  }

  /** Wakes the tasks and answers all that is parked. */
  private void abort(String text, boolean known) {
    latch.fail(text, known);
    Outbox out = new Outbox();
    synchronized (this) {
      for (EarlyMessage e : early) stale(e.reply(), out);
      early.clear();
      shard.abort(text, out);
    }
    out.flush();
    onEnd.run();
  }

  private final class PeersOwner implements PeerCalls.Owner {
    @Override
    public boolean endedIn(long epoch) {
      return Node.this.endedIn(epoch);
    }

    @Override
    public void suspect(long epoch, Address peer, String text) {
      ask(new Message.Suspect(spec.runId(), epoch, self.address(), peer, text));
    }

    @Override
    public void failed(Throwable e) {
      Node.this.failed(e);
    }
  }

  private final class DriverOwner implements CoordinatorCalls.Owner {
    @Override
    public boolean silent() {
      return closed || latch.failed();
    }

    @Override
    public void over() {
      finish();
    }

    @Override
    public void refused(String text) {
      abort(text);
    }

    @Override
    public void gone(String text) {
      String first = broken == null ? "" : ", after this: " + broken;
      abort("the driver cannot be reached (%s)%s".formatted(text, first), false);
    }
  }
}
