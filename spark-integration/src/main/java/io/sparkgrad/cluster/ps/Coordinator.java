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
 * Coordinates a run on the driver: who takes part ({@link Membership}), who computes what ({@link
 * Assignment}), how far it is ({@link Epochs}), where it ends ({@link StoppingPolicy}) and what
 * failed first. No gradient passes here. Thread-safe.
 */
final class Coordinator implements Transport.Handler {
  /* A task never waits for one that Spark has not started: the run starts with whoever is there after the settle time,
   * later tasks come in at a step boundary. For that the reporter gets a new assignment as the answer to a report, sends it
   * with the next step's replies and confirms it in its next report; then the joiner gets its Start. Nobody can pass that
   * boundary without it, since the new assignment names it. Shards stay where the run started: moving them is for a later version.
   *
   * A run ends before its last step in one of two ways. Either the reporter is asked to end it, as for a new assignment; or
   * all workers scored the weights at a boundary, and the decision that they wait for ends it there.
   *
   * Everything is decided under one lock; messages to others are collected there and sent after it. */

  /** Injected time. */
  interface Timer {
    void after(long ms, Runnable action);

    default long nanos() {
      return System.nanoTime();
    }
  }

  /**
   * @param settleMs wait of the first task for others before the run starts
   * @param graceMs wait of a reported symptom for its cause
   */
  record Timeouts(long settleMs, long graceMs) {
    static final Timeouts DEFAULT = new Timeouts(2_000, 5_000);
  }

  private final RunSpec spec;
  private final Transport transport;
  private final Timer timer;
  private final Timeouts timeouts;
  private final Executor listeners;
  private final Consumer<EpochLoss> onEpoch;
  private final CompletableFuture<Void> finished = new CompletableFuture<>();
  private final CompletableFuture<Void> failureAnnounced = new CompletableFuture<>();

  private final Membership members = new Membership();
  private final Epochs epochs;
  private final StoppingPolicy policy;
  private final Deque<EpochLoss> unreported = new ArrayDeque<>();
  private final Map<Long, List<Transport.Reply>> joining = new HashMap<>(); // by task
  private final Map<Long, Message.Start> started = new HashMap<>(); // by task
  private final List<Transport.Reply> awaitingDecision =
      new ArrayList<>(); // until all workers scored
  private final List<Transport.Reply> leaving = new ArrayList<>();
  private final Map<Long, Assignment> offered = new HashMap<>(); // by version, not adopted yet
  private Layout layout; // null until the start
  private Assignment adopted;
  private Assignment latest;
  private RunFailedException failure;
  private boolean complete; // all left: nothing can fail any more

  Coordinator(
      RunSpec spec,
      Transport transport,
      Timer timer,
      Timeouts timeouts,
      Executor listeners,
      Consumer<EpochLoss> onEpoch) {
    this.spec = spec;
    this.transport = transport;
    this.timer = timer;
    this.timeouts = timeouts;
    this.listeners = listeners;
    this.onEpoch = onEpoch;
    this.epochs = new Epochs(spec);
    this.policy = new StoppingPolicy(spec, timer::nanos);
  }

  CompletableFuture<Void> finished() {
    return finished;
  }

  /** Completes when every executor that can be reached has heard of the failure. */
  CompletableFuture<Void> failureAnnounced() {
    return failureAnnounced;
  }

  synchronized int joined() {
    return members.size();
  }

  synchronized long finishedSteps() {
    return epochs.finished();
  }

  /** The end of the run; defined once it is finished. */
  synchronized RunOutcome outcome() {
    return policy.outcome();
  }

  @Override
  public void receive(Message m, Transport.Reply reply) {
    Outbox out = new Outbox();
    synchronized (this) {
      if (!m.runId().equals(spec.runId())) out.refuse(reply, "this is run " + spec.runId());
      else if (m instanceof Message.Fail f) failed(f, reply, out);
      else if (failure != null) out.refuse(reply, failure.getMessage());
      else if (m instanceof Message.Join j) join(j, reply, out);
      else if (m instanceof Message.Progress p) progress(p, reply, out);
      else if (m instanceof Message.Scores s) scored(s, reply, out);
      else if (m instanceof Message.Leave l) leave(l, reply, out);
      else out.refuse(reply, "the coordinator does not serve " + m);
    }
    out.flush();
  }

  /**
   * Fails the run because Spark lost an executor; ignored if it takes no part, and after the end.
   */
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

  /** Ends the run with a result, at the next step boundary that the reporter reaches. */
  synchronized void stop() {
    policy.request();
  }

  /** Fails the run; the first reason stays. */
  void fail(String text) {
    Outbox out = new Outbox();
    synchronized (this) {
      fail(text, out);
    }
    out.flush();
  }

  private void join(Message.Join m, Transport.Reply reply, Outbox out) {
    boolean fresh = members.join(m);
    Message.Start earlier = started.get(m.task());
    if (earlier != null) {
      out.send(reply, earlier);
      return;
    }
    joining.computeIfAbsent(m.task(), t -> new ArrayList<>()).add(reply);
    if (!fresh) return;
    if (layout != null) joinLate(m.task(), out);
    else if (members.size() >= spec.expectedTasks()) start(out);
    else if (members.size() == 1) timer.after(timeouts.settleMs(), this::settled);
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
    policy.start();
    adopted = latest = Assignment.assign(1, spec.workers(), members.tasks());
    for (long task : List.copyOf(joining.keySet())) admit(task, 0, out);
  }

  private void joinLate(long task, Outbox out) {
    Assignment next = Assignment.assign(latest.version() + 1, spec.workers(), members.tasks());
    if (done() || policy.end() < spec.totalSteps() || !next.includes(task)) {
      admit(task, spec.totalSteps(), out); // nothing to do for it
      return;
    }
    latest = next;
    offered.put(next.version(), next);
  }

  private void admit(long task, long firstStep, Outbox out) {
    Message.Start start = new Message.Start(spec.runId(), layout, adopted, firstStep);
    started.put(task, start);
    for (Transport.Reply r : joining.remove(task)) out.send(r, start);
  }

  private void progress(Message.Progress m, Transport.Reply reply, Outbox out) {
    if (m.stopped()) policy.stopped(m.finished());
    unreported.addAll(epochs.record(m.losses(), policy.end()));
    reportEpochs();
    Assignment next = offered.get(m.assignmentVersion());
    if (next != null) {
      adopted = next;
      offered.keySet().removeIf(v -> v <= adopted.version());
      for (long task : List.copyOf(joining.keySet()))
        if (adopted.includes(task)) admit(task, m.assignmentFrom(), out);
    }
    if (done()) dismissJoining(out);
    boolean pending = latest.version() > adopted.version();
    out.send(reply, new Message.Plan(spec.runId(), pending ? latest : null, policy.overdue()));
    finishIfAllLeft(out);
  }

  private boolean done() {
    return epochs.finished() >= policy.end();
  }

  /** No boundary is left at which they could come in. */
  private void dismissJoining(Outbox out) {
    for (long task : List.copyOf(joining.keySet())) admit(task, spec.totalSteps(), out);
  }

  private void reportEpochs() {
    while (!unreported.isEmpty()) {
      EpochLoss e = policy.validated(unreported.peek());
      if (e == null) return;
      unreported.remove();
      listeners.execute(() -> onEpoch.accept(e)); // under the lock, to keep the order
    }
  }

  private void scored(Message.Scores m, Transport.Reply reply, Outbox out) {
    if (m.step() < policy.boundary()) {
      out.send(reply, new Message.Ack(spec.runId())); // a duplicate: its sender had the decision
      return;
    }
    boolean all = policy.add(m.step(), m.scores());
    awaitingDecision.add(reply);
    if (!all) return;
    for (Transport.Reply r : awaitingDecision) out.send(r, policy.decision());
    awaitingDecision.clear();
    reportEpochs();
    if (policy.end() == m.step()) dismissJoining(out);
  }

  private void leave(Message.Leave m, Transport.Reply reply, Outbox out) {
    members.leave(m.task());
    leaving.add(reply);
    finishIfAllLeft(out);
  }

  /** Answers the Leaves once all have their last reply and the last losses are known. */
  private void finishIfAllLeft(Outbox out) {
    if (!done() || !members.allLeft(adopted)) return;
    for (Transport.Reply r : leaving) out.send(r, policy.decision());
    leaving.clear();
    complete = true;
    listeners.execute(() -> finished.complete(null)); // after the last epoch
  }

  private void failed(Message.Fail m, Transport.Reply reply, Outbox out) {
    String text =
        "task %d on executor %s failed%s: %s"
            .formatted(m.task(), m.executor(), m.step() < 0 ? "" : at(m.step()), m.text());
    if (m.symptom()) timer.after(timeouts.graceMs(), () -> fail(text));
    else fail(new RunFailedException(text, m.task()), out);
    out.send(reply, new Message.Ack(spec.runId())); // once it is named: Spark may end the job then
  }

  private void fail(String text, Outbox out) {
    fail(new RunFailedException(text), out);
  }

  private void fail(RunFailedException first, Outbox out) {
    if (failure != null || complete) return;
    failure = first;
    String text = first.getMessage();
    for (List<Transport.Reply> replies : joining.values())
      for (Transport.Reply r : replies) out.refuse(r, text);
    for (Transport.Reply r : awaitingDecision) out.refuse(r, text);
    for (Transport.Reply r : leaving) out.refuse(r, text);
    joining.clear();
    awaitingDecision.clear();
    leaving.clear();
    List<Address> all = members.addresses();
    out.later(() -> finished.completeExceptionally(first));
    out.later(() -> abort(all, text));
  }

  private void abort(List<Address> executors, String text) {
    Message.Abort m = new Message.Abort(spec.runId(), text);
    CompletableFuture<?>[] calls =
        executors.stream().map(a -> transport.call(a, m)).toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(calls)
        .whenComplete((ok, unreachable) -> failureAnnounced.complete(null));
  }

  private String lost(String executor, Address address, String reason) {
    String workers =
        latest.ranges().stream()
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

  /* On one line: YARN's reasons have several. */
  private static String strip(String reason) {
    String s =
        reason == null || reason.isBlank()
            ? "Spark gave no reason"
            : reason.strip().replaceAll("\\s+", " ");
    return s.endsWith(".") ? s.substring(0, s.length() - 1) : s;
  }

  /** Actions to run once the lock is released. */
  private final class Outbox {
    private final List<Runnable> actions = new ArrayList<>();

    void later(Runnable action) {
      actions.add(action);
    }

    void send(Transport.Reply reply, Message m) {
      later(() -> reply.send(m));
    }

    void refuse(Transport.Reply reply, String text) {
      send(reply, new Message.Refused(spec.runId(), text));
    }

    void flush() {
      actions.forEach(Runnable::run);
    }
  }
}
