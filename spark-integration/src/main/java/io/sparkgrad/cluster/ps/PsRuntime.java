package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Shared state of one executor's tasks in a run: endpoint, shard, weights and current step. The
 * first task of the run in an executor makes it, the last closes it. Thread-safe.
 */
public final class PsRuntime {
  private static final Map<Key, PsRuntime> RUNNING = new HashMap<>();

  private record Key(String runId, String executor) {}

  private record EarlyMessage(Message message, Transport.Reply reply) {}

  private final RunSpec spec;
  private final Key key;
  private final Transport transport;
  private final float[] initial;
  private final FailureLatch latch = new FailureLatch();

  private int sessions; // guarded by RUNNING
  private volatile long lastTask; // named when no task is to blame

  private boolean begun;
  private List<EarlyMessage> early = new ArrayList<>(); // peers may start before this executor
  private Shard shard; // null if the executor joined after the shards were placed
  private PsClient client;
  private volatile Steps steps;
  private boolean resultTaken;

  private PsRuntime(RunSpec spec, Key key, String host, float[] initial) {
    this.spec = spec;
    this.key = key;
    this.initial = initial.clone();
    this.transport = spec.transport().open(host, host, Security.current());
    transport.serve(Transport.onlyOf(spec.runId(), this::receive));
  }

  /**
   * Joins a run. Blocks the task thread until the task may start.
   *
   * @param initialWeights all parameters, flattened, the same in every task; copied
   * @throws RunFailedException if the run failed or the task was killed
   */
  public static TaskSession join(RunSpec spec, TaskInfo task, float[] initialWeights) {
    if (initialWeights.length != spec.numel())
      throw new IllegalArgumentException(
          "the run trains %s numbers, got %s".formatted(spec.numel(), initialWeights.length));
    TaskSession session = new TaskSession(enter(spec, task, initialWeights), spec, task);
    try {
      session.await();
      return session;
    } catch (RuntimeException e) {
      session.fail(e);
      session.close();
      throw e;
    }
  }

  private static PsRuntime enter(RunSpec spec, TaskInfo task, float[] initial) {
    Key key = new Key(spec.runId(), task.executorId());
    synchronized (RUNNING) {
      PsRuntime runtime = RUNNING.get(key);
      if (runtime == null)
        RUNNING.put(key, runtime = new PsRuntime(spec, key, task.host(), initial));
      runtime.sessions++;
      runtime.lastTask = task.taskId();
      return runtime;
    }
  }

  /** Releases one session; the last one closes the endpoint. */
  void exit() {
    synchronized (RUNNING) {
      if (--sessions > 0) return;
      RUNNING.remove(key);
    }
    transport.close();
  }

  void cutOff() {
    transport.close();
  }

  /** Count of executors that take part in a run in this JVM. */
  static int running() {
    synchronized (RUNNING) {
      return RUNNING.size();
    }
  }

  FailureLatch latch() {
    return latch;
  }

  Address address() {
    return transport.address();
  }

  /** Null until the executor may start. */
  Steps steps() {
    return steps;
  }

  CompletableFuture<Message> callCoordinator(Message m) {
    return transport.call(spec.coordinator(), m);
  }

  /** The weights held here with which a step started, for the first task that asks; NONE later. */
  synchronized TaskResult result(long step) {
    if (resultTaken || client == null) return TaskResult.NONE;
    resultTaken = true;
    WireBytes wire =
        new WireBytes(transport.bytesSent(), transport.bytesReceived(), client.optimum());
    return new TaskResult(shard == null ? List.of() : shard.ranges(step), wire);
  }

  /** Opens shard, client and first step, at the first task that may start. */
  void begin(Message.Start m) {
    List<EarlyMessage> waiting;
    Steps made;
    synchronized (this) {
      if (begun) return;
      begun = true;
      client = new PsClient(spec, transport, m.layout(), this::failed);
      int index = m.layout().shards().indexOf(transport.address());
      ProgressReporter reporter = new ProgressReporter(spec, transport, this::failed);
      if (index >= 0) shard = new Shard(spec, m.layout(), index, initial, reporter);
      made = new Steps(spec, key.executor(), client, latch, initial);
      waiting = early;
      early = List.of();
    }
    for (EarlyMessage e : waiting) serve(e.message(), e.reply());
    steps = made;
    made.begin(m.firstStep(), m.assignment());
  }

  private void receive(Message m, Transport.Reply reply) {
    if (m instanceof Message.Abort a) {
      abort(a.text());
      reply.send(new Message.Ack(spec.runId()));
      return;
    }
    synchronized (this) {
      if (!begun && !latch.failed()) {
        early.removeIf(e -> !e.reply().isOpen());
        early.add(new EarlyMessage(m, reply));
        return;
      }
    }
    serve(m, reply);
  }

  private void serve(Message m, Transport.Reply reply) {
    Shard s;
    synchronized (this) {
      s = shard;
    }
    if (s != null && m instanceof Message.Push p) s.push(p, reply);
    else if (s != null && m instanceof Message.Pull p) s.pull(p, reply);
    else reply.send(new Message.Refused(spec.runId(), address() + " holds no shard, got " + m));
  }

  /** Reports a failure on a thread that is no task's. */
  void failed(Throwable error) {
    Throwable e = error instanceof CompletionException ? error.getCause() : error;
    boolean symptom = e instanceof Transport.Unreachable;
    String text =
        e instanceof Transport.RefusedException || symptom ? e.getMessage() : e.toString();
    if (symptom && !latch.symptom(text)) return;
    Steps.Step at = steps == null ? null : steps.now();
    long step = at == null ? -1 : at.index();
    callCoordinator(new Message.Fail(spec.runId(), lastTask, key.executor(), step, symptom, text))
        .exceptionally(
            unreachable -> { // no word to the peers: they ask the driver, who may know the cause
              latch.fail("the driver cannot be reached, after this: " + text, false);
              return null;
            });
    if (!symptom) abort(text);
  }

  /** Ends the run in this executor: wakes its tasks and refuses all parked messages. */
  void abort(String text) {
    latch.fail(text, true);
    Shard s;
    List<EarlyMessage> waiting;
    synchronized (this) {
      s = shard;
      waiting = early;
      early = List.of();
    }
    if (s != null) s.abort(text);
    for (EarlyMessage e : waiting) e.reply().send(new Message.Refused(spec.runId(), text));
  }
}
