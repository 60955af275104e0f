package io.sparkgrad.cluster.ps;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The driver's part of a run: who takes part (Membership), who computes what (Leases), how far it
 * is (Epochs), where it ends (Judge) and what broke first. No gradient passes here. Thread-safe.
 */
final class Coordinator implements Transport.Handler {
  /* A task never waits for one that Spark has not started: the run starts with whoever is there after the settle time,
   * later tasks come in at a step border. For that the lead gets new leases as the answer to a report, hands them out with
   * the next step's replies and says so in its next report; then the joiner is told to start. Nobody can pass that border
   * without it, since the new leases name it. Shards stay where the run started: moving them is for a later version.
   *
   * A run ends before its last step in one of two ways. Either the lead is told to end it, like new leases; or all workers
   * scored the weights at a border, and the verdict that they wait for ends it there.
   *
   * Everything is decided under one lock; what is to be said to others is collected there and said after it. */

  /** Injected time. */
  interface Timer {
    void after(long ms, Runnable action);

    default long nanos() {
      return System.nanoTime();
    }
  }

  /**
   * @param settleMs how long the first task waits for others before the run starts
   * @param graceMs how long a mere effect waits for its cause
   */
  record Patience(long settleMs, long graceMs) {
    static final Patience DEFAULT = new Patience(2_000, 5_000);
  }

  private final RunSpec spec;
  private final Transport transport;
  private final Timer timer;
  private final Patience patience;
  private final Executor listeners;
  private final Consumer<EpochLoss> onEpoch;
  private final CompletableFuture<Void> finished = new CompletableFuture<>();
  private final CompletableFuture<Void> told = new CompletableFuture<>();

  private final Membership members = new Membership();
  private final Epochs epochs;
  private final Judge judge;
  private final Deque<EpochLoss> untold = new ArrayDeque<>();
  private final Map<Long, List<Transport.Reply>> joining = new HashMap<>(); // by task
  private final Map<Long, Message.Start> started = new HashMap<>(); // by task
  private final List<Transport.Reply> judged = new ArrayList<>(); // wait for the verdict
  private final List<Transport.Reply> leaving = new ArrayList<>();
  private final Map<Long, Leases> offered = new HashMap<>(); // by version, not adopted yet
  private Layout layout; // null until the start
  private Leases adopted;
  private Leases latest;
  private RunFailedException failure;
  private boolean complete; // all left: nothing can fail any more

  Coordinator(
      RunSpec spec,
      Transport transport,
      Timer timer,
      Patience patience,
      Executor listeners,
      Consumer<EpochLoss> onEpoch) {
    this.spec = spec;
    this.transport = transport;
    this.timer = timer;
    this.patience = patience;
    this.listeners = listeners;
    this.onEpoch = onEpoch;
    this.epochs = new Epochs(spec);
    this.judge = new Judge(spec, timer::nanos);
  }

  CompletableFuture<Void> finished() {
    return finished;
  }

  /** Completes when every executor that can be reached knows of the failure. */
  CompletableFuture<Void> told() {
    return told;
  }

  synchronized int joined() {
    return members.size();
  }

  synchronized long finishedSteps() {
    return epochs.finished();
  }

  /** How the run ended; means something once it is finished. */
  synchronized Ending ending() {
    return judge.ending();
  }

  @Override
  public void receive(Message m, Transport.Reply reply) {
    Outbox out = new Outbox();
    synchronized (this) {
      if (!m.run().equals(spec.run())) out.refuse(reply, "this is run " + spec.run());
      else if (m instanceof Message.Fail f) failed(f, reply, out);
      else if (failure != null) out.refuse(reply, failure.getMessage());
      else if (m instanceof Message.Join j) join(j, reply, out);
      else if (m instanceof Message.Progress p) progress(p, reply, out);
      else if (m instanceof Message.Evaluated e) evaluated(e, reply, out);
      else if (m instanceof Message.Leave l) leave(l, reply, out);
      else out.refuse(reply, "the coordinator does not serve " + m);
    }
    out.flush();
  }

  /** Spark lost an executor. Ignored for one that takes no part, and after the end. */
  void executorLost(String executor, String reason) {
    Outbox out = new Outbox();
    synchronized (this) {
      Address address = members.address(executor);
      if (address == null || complete) return;
      if (layout == null) members.forget(executor); // its tasks come back elsewhere
      else fail(lost(executor, address, reason), out);
    }
    out.flush();
  }

  /** Ends the run for a reason; the first one stays. */
  void fail(String text) {
    Outbox out = new Outbox();
    synchronized (this) {
      fail(text, out);
    }
    out.flush();
  }

  private void join(Message.Join m, Transport.Reply reply, Outbox out) {
    boolean fresh = members.join(m);
    Message.Start told = started.get(m.task());
    if (told != null) {
      out.send(reply, told);
      return;
    }
    joining.computeIfAbsent(m.task(), t -> new ArrayList<>()).add(reply);
    if (!fresh) return;
    if (layout != null) joinLate(m.task(), out);
    else if (members.size() >= spec.expectedTasks()) start(out);
    else if (members.size() == 1) timer.after(patience.settleMs(), this::settled);
  }

  private void settled() {
    Outbox out = new Outbox();
    synchronized (this) {
      if (layout == null && failure == null && members.size() > 0) start(out);
    }
    out.flush();
  }

  private void start(Outbox out) {
    layout = new Layout(spec.numel(), members.addresses());
    judge.start();
    adopted = latest = Leases.assign(1, spec.workers(), members.tasks());
    for (long task : List.copyOf(joining.keySet())) admit(task, 0, out);
  }

  private void joinLate(long task, Outbox out) {
    Leases next = Leases.assign(latest.version() + 1, spec.workers(), members.tasks());
    if (done() || judge.end() < spec.totalSteps() || !next.holds(task)) {
      admit(task, spec.totalSteps(), out); // nothing to do for it
      return;
    }
    latest = next;
    offered.put(next.version(), next);
  }

  private void admit(long task, long firstStep, Outbox out) {
    Message.Start start = new Message.Start(spec.run(), layout, adopted, firstStep);
    started.put(task, start);
    for (Transport.Reply r : joining.remove(task)) out.send(r, start);
  }

  private void progress(Message.Progress m, Transport.Reply reply, Outbox out) {
    if (m.ended()) judge.ended(m.finished());
    untold.addAll(epochs.record(m.losses(), judge.end()));
    tellEpochs();
    Leases next = offered.get(m.leasesVersion());
    if (next != null) {
      adopted = next;
      offered.keySet().removeIf(v -> v <= adopted.version());
      for (long task : List.copyOf(joining.keySet()))
        if (adopted.holds(task)) admit(task, m.leasesFrom(), out);
    }
    if (done()) dismissJoining(out);
    boolean pending = latest.version() > adopted.version();
    out.send(reply, new Message.Plan(spec.run(), pending ? latest : null, judge.overdue()));
    finishIfAllLeft(out);
  }

  private boolean done() {
    return epochs.finished() >= judge.end();
  }

  /** There is no border left at which they could come in. */
  private void dismissJoining(Outbox out) {
    for (long task : List.copyOf(joining.keySet())) admit(task, spec.totalSteps(), out);
  }

  private void tellEpochs() {
    while (!untold.isEmpty()) {
      EpochLoss e = judge.validated(untold.peek());
      if (e == null) return;
      untold.remove();
      listeners.execute(() -> onEpoch.accept(e)); // under the lock, for the order
    }
  }

  private void evaluated(Message.Evaluated m, Transport.Reply reply, Outbox out) {
    if (m.step() < judge.border()) {
      out.send(reply, new Message.Ack(spec.run())); // a duplicate: its sender had the verdict
      return;
    }
    boolean all = judge.add(m.step(), m.scores());
    judged.add(reply);
    if (!all) return;
    for (Transport.Reply r : judged) out.send(r, judge.verdict());
    judged.clear();
    tellEpochs();
    if (judge.end() == m.step()) dismissJoining(out);
  }

  private void leave(Message.Leave m, Transport.Reply reply, Outbox out) {
    members.leave(m.task());
    leaving.add(reply);
    finishIfAllLeft(out);
  }

  /** Nobody closes before all have their last reply, and the last losses are known. */
  private void finishIfAllLeft(Outbox out) {
    if (!done() || !members.allLeft(adopted)) return;
    for (Transport.Reply r : leaving) out.send(r, judge.verdict());
    leaving.clear();
    complete = true;
    listeners.execute(() -> finished.complete(null)); // after the last epoch
  }

  private void failed(Message.Fail m, Transport.Reply reply, Outbox out) {
    out.send(reply, new Message.Ack(spec.run()));
    String text =
        "task %d on executor %s failed%s: %s"
            .formatted(m.task(), m.executor(), m.step() < 0 ? "" : at(m.step()), m.text());
    if (m.echo()) timer.after(patience.graceMs(), () -> fail(text));
    else fail(text, out);
  }

  private void fail(String text, Outbox out) {
    if (failure != null || complete) return;
    failure = new RunFailedException(text);
    for (List<Transport.Reply> replies : joining.values())
      for (Transport.Reply r : replies) out.refuse(r, text);
    for (Transport.Reply r : judged) out.refuse(r, text);
    for (Transport.Reply r : leaving) out.refuse(r, text);
    joining.clear();
    judged.clear();
    leaving.clear();
    List<Address> all = members.addresses();
    RunFailedException first = failure;
    out.later(() -> abort(all, text));
    out.later(() -> finished.completeExceptionally(first));
  }

  private void abort(List<Address> executors, String text) {
    Message.Abort m = new Message.Abort(spec.run(), text);
    CompletableFuture<?>[] calls =
        executors.stream().map(a -> transport.call(a, m)).toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(calls).whenComplete((ok, unreachable) -> told.complete(null));
  }

  private String lost(String executor, Address address, String reason) {
    String workers =
        latest.leases().stream()
            .filter(l -> l.executor().equals(executor))
            .map(
                l ->
                    l.count() == 1 ? "" + l.first() : l.first() + "-" + (l.first() + l.count() - 1))
            .collect(Collectors.joining(", "));
    int shard = layout.shards().indexOf(address);
    String held =
        (shard < 0 ? "no shard" : "shard " + (shard + 1) + " of " + layout.shards().size())
            + (workers.isEmpty() ? " and no workers" : " and workers " + workers);
    return "executor %s (%s) was lost%s: %s; it held %s. Training stopped."
        .formatted(executor, address, at(epochs.finished()), strip(reason), held);
  }

  private String at(long step) {
    return " at step " + step + " of " + spec.totalSteps();
  }

  private static String strip(String reason) {
    String s = reason == null || reason.isBlank() ? "Spark gave no reason" : reason.strip();
    return s.endsWith(".") ? s.substring(0, s.length() - 1) : s;
  }

  /** What is to be done once the lock is released. */
  private final class Outbox {
    private final List<Runnable> actions = new ArrayList<>();

    void later(Runnable action) {
      actions.add(action);
    }

    void send(Transport.Reply reply, Message m) {
      later(() -> reply.send(m));
    }

    void refuse(Transport.Reply reply, String text) {
      send(reply, new Message.Refused(spec.run(), text));
    }

    void flush() {
      actions.forEach(Runnable::run);
    }
  }
}
