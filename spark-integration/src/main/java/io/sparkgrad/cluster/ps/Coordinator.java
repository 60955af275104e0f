package io.sparkgrad.cluster.ps;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Coordinates a run on the driver: who takes part ({@link Membership}), who holds what ({@link
 * Placement}), who computes what ({@link Assignment}), how far it is ({@link Epochs}), where it
 * ends ({@link StoppingPolicy}) and what failed first. No gradient passes here. Has no threads and
 * no clock of its own. Thread-safe.
 */
class Coordinator implements Transport.Handler {
  /* Everything changes in one way, whether an executor was lost, a task came or went, or the time is over: a FENCE with a
   * new epoch, which every member answers with what it holds; a Placement made from the answers; copies where one is
   * missing; a COMMIT, from which everybody goes on. Whatever happens meanwhile fences a higher epoch. Since any copy of a
   * version has the same bits, the answers are all that a placement needs: no earlier decision matters.
   *
   * A task never waits for one that Spark has not started: the run starts with whoever is there after the settle time.
   *
   * Everything is decided under one lock; messages to others are collected there and sent after it. */

  /**
   * @param settleMs wait of the first task for others before the run starts
   * @param joinMs wait of a later task for others before a fence lets them in
   * @param graceMs wait of a suspicion for word from Spark
   * @param unreachableMs time after which an executor that refuses connections is lost
   * @param silentMs time after which an executor that does not answer is lost
   */
  record Timeouts(long settleMs, long joinMs, long graceMs, long unreachableMs, long silentMs) {
    static final Timeouts DEFAULT = new Timeouts(2_000, 300, 5_000, 12_000, 90_000);
  }

  private enum Phase {
    GATHER, // no task to work with: waits for some
    FENCE, // waits for what the members hold
    MOVE, // waits for copies
    RUN,
    OVER,
    FAILED
  }

  private static final Logger LOG = LoggerFactory.getLogger(Coordinator.class);
  private static final long TICK_MS = 1_000;
  private static final long RETRY_MS = 100;
  private static final int MOST_LOSSES = 10; // in a row, without a finished step

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
  private final List<Transport.Reply> awaitingDecision = new ArrayList<>();

  private Phase phase = Phase.GATHER;
  private long epoch;
  private List<Member> inEpoch = List.of(); // whom the epoch is for
  private final Map<Address, List<Held>> held = new HashMap<>(); // by those who answered the fence
  private final Map<Address, Refusals> unreachable = new HashMap<>(); // no word since
  private Placement placement; // of the epoch, or of the one before
  private int movesLeft;
  private Message.Commit commit; // the last; null before the start
  private final Set<Address> committed = new HashSet<>(); // who has it
  private boolean joins; // somebody came whom the epoch leaves out
  private boolean joinAlarm;
  private boolean stopNow; // at the next commit
  private boolean stopped; // by such a commit
  private int losses; // in a row, without a finished step
  private int allLosses;
  private final List<Recovery> recoveries = new ArrayList<>();
  private String lastLoss = "no executor was lost";
  private final Map<Address, Integer> suspicions = new HashMap<>(); // without a finished step

  private float[] result; // being collected, or collected
  private int uncollected = -1; // chunks; -1: not begun

  private long awakeMs; // time in which this process ran
  private long tickMs; // of the last tick
  private long sinceMs; // of the phase's last answer, awake
  private boolean ticking;
  private RunFailedException failure;

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
    return members.taskCount();
  }

  synchronized long finishedSteps() {
    return epochs.finished();
  }

  /** Count of executors lost so far. */
  synchronized int losses() {
    return allLosses;
  }

  /** How the run went on so far. */
  synchronized List<Recovery> recoveries() {
    return List.copyOf(recoveries);
  }

  /** The end of the run; defined once it is finished. */
  synchronized RunOutcome outcome() {
    return policy.outcome();
  }

  /** The weights that the run gives, {@code [numel]}; defined once it is finished. */
  synchronized float[] result() {
    return result;
  }

  @Override
  public void receive(Message m, Transport.Reply reply) {
    Outbox out = new Outbox();
    synchronized (this) {
      if (m instanceof Message.Fail f) failed(f, reply, out);
      else if (failure != null) refuse(reply, failure.getMessage(), out);
      else if (m instanceof Message.Join j) join(j, reply, out);
      else if (isStrange(m)) refuseStranger(m, reply, out);
      else if (m instanceof Message.Leave l) leave(l, reply, out);
      else if (m instanceof Message.Heartbeat h) heartbeat(h, reply, out);
      else if (m instanceof Message.Progress p) progress(p, reply, out);
      else if (m instanceof Message.Scores s) scored(s, reply, out);
      else if (m instanceof Message.Suspect s) suspected(s, reply, out);
      else refuse(reply, "the coordinator does not serve " + m.getClass().getSimpleName(), out);
    }
    out.flush();
  }

  /* Who never joined, or was given up, has nothing to say about the steps. */
  private boolean isStrange(Message m) {
    if (phase == Phase.OVER) return false;
    if (m instanceof Message.Progress p) return !members.has(p.from());
    return m instanceof Message.Scores s && !members.has(s.from());
  }

  private void refuseStranger(Message m, Transport.Reply reply, Outbox out) {
    LOG.warn("refused a {} of an executor that takes no part", m.getClass().getSimpleName());
    refuse(reply, "the run goes on without its sender: " + lastLoss, out);
  }

  /** Spark lost an executor. */
  void executorLost(String executor, String reason) {
    locked(
        out -> {
          members.lost(executor, strip(reason));
          Member m = members.of(executor);
          if (m != null) lost(m, strip(reason), out);
        });
  }

  /** Ends the run with a result, at the next step boundary after word of a finished step. */
  synchronized void stop() {
    policy.request();
  }

  /** Fails the run; the first reason stays. */
  void fail(String text) {
    locked(out -> fail(text, out));
  }

  private void locked(Consumer<Outbox> action) {
    Outbox out = new Outbox();
    synchronized (this) {
      action.accept(out);
    }
    out.flush();
  }

  private void refuse(Transport.Reply reply, String text, Outbox out) {
    out.send(reply, new Message.Refused(spec.runId(), text));
  }

  private void ack(Transport.Reply reply, Outbox out) {
    out.send(reply, new Message.Ack(spec.runId()));
  }

  // --- who takes part

  private void join(Message.Join m, Transport.Reply reply, Outbox out) {
    if (phase == Phase.OVER) {
      out.send(reply, new Message.Over(spec.runId()));
      return;
    }
    if (members.whyLost(m.executor()) != null || members.isGone(m.address())) {
      refuse(reply, "executor %s was lost".formatted(m.executor()), out);
      return;
    }
    ack(reply, out);
    Member from = new Member(m.executor(), m.address());
    Member before = members.replacedBy(from);
    if (before != null) lost(before, "it came back without its segments", out);
    if (!members.join(m.task(), from) || phase == Phase.FAILED) return;
    startTicking();
    if (phase == Phase.GATHER) gather(out);
    else if (useful(m.task(), from)) letIn();
  }

  private void gather(Outbox out) {
    if (members.taskCount() >= spec.expectedTasks()) begin(out);
    else if (members.taskCount() == 1)
      timer.after(timeouts.settleMs(), () -> locked(this::settled));
  }

  private void settled(Outbox out) {
    if (phase == Phase.GATHER && members.taskCount() > 0) begin(out);
  }

  private void begin(Outbox out) {
    if (commit != null) {
      fence(out);
      return;
    }
    policy.start();
    epoch = 1;
    inEpoch = members.members();
    placement = Placement.first(spec.segments(), members.addresses());
    commit(out);
  }

  private boolean useful(long task, Member on) {
    return !inEpoch.contains(on)
        || Assignment.assign(0, spec.workers(), members.tasks()).includes(task);
  }

  private void letIn() {
    joins = true;
    if (joinAlarm || phase != Phase.RUN) return;
    joinAlarm = true;
    timer.after(
        timeouts.joinMs(),
        () ->
            locked(
                out -> {
                  joinAlarm = false;
                  if (joins && phase == Phase.RUN && uncollected < 0) fence(out);
                }));
  }

  private void leave(Message.Leave m, Transport.Reply reply, Outbox out) {
    ack(reply, out);
    boolean assigned = commit != null && commit.assignment().includes(m.task());
    if (!members.leave(m.task(), m.address()) || phase != Phase.RUN || !assigned) return;
    lastLoss = "task %d on executor %s ended: %s".formatted(m.task(), m.executor(), m.text());
    fence(out);
  }

  private void heartbeat(Message.Heartbeat m, Transport.Reply reply, Outbox out) {
    unreachable.remove(m.address());
    if (phase == Phase.OVER) out.send(reply, new Message.Over(spec.runId()));
    else if (!members.isGone(m.address())) ack(reply, out);
    else refuse(reply, "the run goes on without %s: %s".formatted(m.address(), lastLoss), out);
  }

  private void lost(Member m, String reason, Outbox out) {
    members.remove(m);
    unreachable.remove(m.address());
    if (commit == null || phase == Phase.OVER || phase == Phase.FAILED) return;
    allLosses++;
    lastLoss = lost(m, reason);
    if (++losses > MOST_LOSSES) {
      fail(
          "%d executors in a row were lost before a step was done; the last: %s. Training stopped."
              .formatted(losses, lastLoss),
          out);
      return;
    }
    if (members.members().isEmpty())
      fail(lastLoss + "; no other executor held its segments. Training stopped.", out);
    else if (phase != Phase.GATHER) fence(out);
  }

  private String lost(Member m, String reason) {
    return "executor %s (%s) was lost at step %s of %s: %s"
        .formatted(m.executor(), m.address(), epochs.finished(), spec.totalSteps(), reason);
  }

  private void suspected(Message.Suspect m, Transport.Reply reply, Outbox out) {
    ack(reply, out);
    if (m.epoch() != epoch || !members.has(m.from()) || !members.has(m.peer())) return;
    long steps = epochs.finished();
    timer.after(timeouts.graceMs(), () -> locked(o -> stillSuspected(m, steps, o)));
  }

  /** Spark has said nothing, and no step is done: the fence will show who answers. */
  private void stillSuspected(Message.Suspect m, long steps, Outbox out) {
    Member peer = members.at(m.peer());
    if (m.epoch() != epoch || phase != Phase.RUN || epochs.finished() > steps || peer == null)
      return;
    int times = suspicions.merge(m.peer(), 1, Integer::sum);
    if (times > 1) lost(peer, "%s cannot reach it: %s".formatted(m.from(), m.text()), out);
    else fence(out);
  }

  // --- a new epoch

  private void fence(Outbox out) {
    epoch++;
    phase = Phase.FENCE;
    sinceMs = awakeMs;
    inEpoch = members.members();
    joins = false;
    held.clear();
    committed.clear();
    uncollected = -1;
    for (Transport.Reply r : awaitingDecision) out.send(r, new Message.Stale(spec.runId(), epoch));
    awaitingDecision.clear();
    Message fence = new Message.Fence(spec.runId(), epoch);
    for (Member m : inEpoch) tell(m, fence, (answer, o) -> fenced(m, answer, o), out);
  }

  private void fenced(Member m, Message answer, Outbox out) {
    if (phase != Phase.FENCE || !(answer instanceof Message.Fenced f)) return;
    held.put(m.address(), f.held());
    if (held.size() == inEpoch.size()) place(out);
  }

  private void place(Outbox out) {
    if (assignment().ranges().isEmpty()) {
      phase = Phase.GATHER;
      if (members.taskCount() > 0) gather(out); // of members that came meanwhile
      return;
    }
    List<Address> all = inEpoch.stream().map(Member::address).toList();
    try {
      placement = Placement.next(spec.segments(), all, held, placement.chunks());
    } catch (Placement.Lost e) {
      fail(
          "%s; no other executor held a copy of the segments %s (numbers %s). Training stopped."
              .formatted(lastLoss, e.segments(), spec.segments().numbers(e.segments())),
          out);
      return;
    }
    phase = Phase.MOVE;
    sinceMs = awakeMs;
    movesLeft = placement.moves().size();
    if (movesLeft == 0) {
      commit(out);
      return;
    }
    for (Placement.Move v : placement.moves())
      tell(
          members.at(v.from()),
          new Message.Copy(spec.runId(), epoch, v.segments(), v.version(), v.to()),
          this::moved,
          out);
  }

  private Assignment assignment() {
    List<Assignment.TaskLocation> tasks =
        members.tasks().stream()
            .filter(t -> inEpoch.stream().anyMatch(m -> m.executor().equals(t.executor())))
            .toList();
    return tasks.isEmpty()
        ? new Assignment(epoch, List.of())
        : Assignment.assign(epoch, spec.workers(), tasks);
  }

  private void moved(Message answer, Outbox out) {
    if (phase != Phase.MOVE || !(answer instanceof Message.Ack)) return;
    sinceMs = awakeMs;
    if (--movesLeft == 0) commit(out);
  }

  private void commit(Outbox out) {
    Assignment assignment = assignment();
    if (assignment.ranges().isEmpty()) { // all tasks left meanwhile
      fence(out);
      return;
    }
    if (stopNow) stopHere();
    if (commit != null) recoveries.add(recovery());
    phase = Phase.RUN;
    sinceMs = awakeMs;
    commit =
        new Message.Commit(
            spec.runId(),
            epoch,
            inEpoch,
            placement.chunks(),
            assignment,
            placement.start(),
            policy.end());
    for (Member m : inEpoch) tell(m, commit, (answer, o) -> committed.add(m.address()), out);
    if (joins) letIn();
    finishIfDone(out);
  }

  private Recovery recovery() {
    int before = recoveries.stream().mapToInt(Recovery::lost).sum();
    long from = placement.start();
    return new Recovery(allLosses - before, from, placement.newest() - from);
  }

  /* Nobody has passed the newest version of any segment, and who is behind comes to it. */
  private void stopHere() {
    stopNow = false;
    stopped = true;
    long before = policy.end();
    policy.stopped(Math.max(placement.newest(), epochs.finished())); // a loss may have set it back
    if (policy.end() < before) unreported.addAll(epochs.endAt(policy.end()));
    reportEpochs();
  }

  private interface OnAnswer {
    void accept(Message answer, Outbox out);
  }

  /** Sends to a member until it answers or the epoch is over; then nobody hears the answer. */
  private void tell(Member to, Message m, OnAnswer then, Outbox out) {
    long in = epoch;
    out.later(
        () ->
            transport
                .call(to.address(), m)
                .whenComplete(
                    (answer, error) ->
                        locked(
                            o -> {
                              if (error == null) unreachable.remove(to.address());
                              if (epoch == in && failure == null && phase != Phase.OVER)
                                told(to, m, then, answer, error, o);
                            })));
  }

  private void told(
      Member to, Message m, OnAnswer then, Message answer, Throwable thrown, Outbox out) {
    Throwable error = Transport.cause(thrown);
    if (error == null) {
      then.accept(answer, out);
    } else if (error instanceof Transport.Unreachable) {
      if (!members.has(to.address())) return;
      if (unreachable
          .computeIfAbsent(to.address(), a -> new Refusals())
          .add(awakeMs, timeouts.unreachableMs())) {
        lost(to, error.getMessage(), out);
        return;
      }
      long in = epoch;
      timer.after(
          RETRY_MS,
          () ->
              locked(
                  o -> {
                    if (epoch == in && failure == null && phase != Phase.OVER) tell(to, m, then, o);
                  }));
    } else {
      fail("executor %s: %s".formatted(to.executor(), error.getMessage()), out);
    }
  }

  // --- time

  private void startTicking() {
    if (ticking) return;
    ticking = true;
    tickMs = timer.millis();
    timer.after(TICK_MS, this::tick);
  }

  /* A driver that was paused finds old deadlines and unread answers: time in which it did not run counts for nothing. */
  private void tick() {
    locked(
        out -> {
          long nowMs = timer.millis();
          awakeMs += Math.min(nowMs - tickMs, 2 * TICK_MS);
          tickMs = nowMs;
          if (phase == Phase.OVER || phase == Phase.FAILED) return;
          if (awakeMs - sinceMs > timeouts.silentMs()) silent(out);
          timer.after(TICK_MS, this::tick);
        });
  }

  private void silent(Outbox out) {
    if (phase == Phase.MOVE) {
      fence(out);
      return;
    }
    for (Member m : inEpoch) {
      boolean answered =
          phase == Phase.FENCE ? held.containsKey(m.address()) : committed.contains(m.address());
      if (phase == Phase.GATHER || answered || !members.has(m.address())) continue;
      lost(m, "it did not answer for %s s".formatted(timeouts.silentMs() / 1000), out);
      return; // fenced: the others are asked again
    }
  }

  // --- progress and the end

  private void progress(Message.Progress m, Transport.Reply reply, Outbox out) {
    long before = epochs.finished();
    unreported.addAll(epochs.record(m.losses(), policy.end()));
    reportEpochs();
    ack(reply, out);
    if (epochs.finished() > before) {
      losses = 0;
      suspicions.clear();
    }
    long done = epochs.finished();
    boolean open = !stopped && done > 0 && done < policy.end();
    if (phase == Phase.RUN && open && policy.overdue()) {
      stopNow = true;
      fence(out);
    }
    finishIfDone(out);
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
    if (m.epoch() != epoch || phase != Phase.RUN) {
      out.send(reply, new Message.Stale(spec.runId(), epoch));
      return;
    }
    Message.StopDecision known = policy.decisionAt(m.step());
    if (known != null) {
      out.send(reply, known);
      return;
    }
    boolean all = policy.add(m.step(), m.scores());
    awaitingDecision.add(reply);
    if (!all) return;
    for (Transport.Reply r : awaitingDecision) out.send(r, policy.decisionAt(m.step()));
    awaitingDecision.clear();
    reportEpochs();
    finishIfDone(out);
  }

  /** Fetches the result once all steps are done, their losses known and the last verdict given. */
  private void finishIfDone(Outbox out) {
    if (phase != Phase.RUN || uncollected >= 0 || epochs.finished() < policy.end()) return;
    if (spec.stop().validates() && policy.end() > 0 && policy.decisionAt(policy.end()) == null)
      return;
    long version = policy.outcome().result();
    result = new float[spec.numel()];
    uncollected = commit.chunks().size();
    for (Chunk c : commit.chunks())
      tell(
          members.at(c.primary()),
          new Message.Collect(spec.runId(), epoch, c.id(), version),
          (answer, o) -> collected(c, version, answer, o),
          out);
  }

  private void collected(Chunk c, long version, Message answer, Outbox out) {
    if (!(answer instanceof Message.Result w)) return; // stale: a fence is on its way
    Spans numbers = spec.segments().numbers(c.segments());
    if (w.version() != version || w.values().length() != numbers.size()) {
      fail("expected version %s of chunk %s, got %s".formatted(version, c.id(), w), out);
      return;
    }
    numbers.scatter(w.values(), result);
    if (--uncollected > 0) return;
    phase = Phase.OVER;
    Message over = new Message.Over(spec.runId());
    for (Member m : members.members())
      out.later(() -> transport.call(m.address(), over)); // who misses it hears it at a heartbeat
    listeners.execute(() -> finished.complete(null)); // after the last epoch
  }

  private void failed(Message.Fail m, Transport.Reply reply, Outbox out) {
    if (members.has(m.address())) { // and was not given up before
      String who =
          m.task() < 0
              ? "executor " + m.executor()
              : "task %d on executor %s".formatted(m.task(), m.executor());
      String at = m.step() < 0 ? "" : " at step %s of %s".formatted(m.step(), spec.totalSteps());
      fail(new RunFailedException("%s failed%s: %s".formatted(who, at, m.text()), m.task()), out);
    }
    ack(reply, out); // once it is named: Spark may end the job then
  }

  private void fail(String text, Outbox out) {
    fail(new RunFailedException(text), out);
  }

  private void fail(RunFailedException first, Outbox out) {
    if (failure != null || phase == Phase.OVER) return;
    phase = Phase.FAILED;
    failure = first;
    String text = first.getMessage();
    for (Transport.Reply r : awaitingDecision) refuse(r, text, out);
    awaitingDecision.clear();
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

  /* On one line: YARN's reasons have several. */
  private static String strip(String reason) {
    String s =
        reason == null || reason.isBlank()
            ? "Spark gave no reason"
            : reason.strip().replaceAll("\\s+", " ");
    return s.endsWith(".") ? s.substring(0, s.length() - 1) : s;
  }
}
