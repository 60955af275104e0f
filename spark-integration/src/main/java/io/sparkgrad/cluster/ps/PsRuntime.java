package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * What the tasks of one executor share in a run: the endpoint, the shard, the weights and the
 * running step. Made by the first task of the run in an executor, closed by the last. Thread-safe.
 */
public final class PsRuntime {
  private static final Map<Key, PsRuntime> RUNNING = new HashMap<>();

  private record Key(String run, String executor) {}

  private record Early(Message message, Transport.Reply reply) {}

  private final RunSpec spec;
  private final Key key;
  private final Transport transport;
  private final float[] initial;
  private final Gate gate = new Gate();

  private int seats; // guarded by RUNNING
  private volatile long lastTask; // speaks for the executor when no task is to blame

  private boolean begun;
  private List<Early> early = new ArrayList<>(); // peers may start before this executor
  private Shard shard; // null if the executor joined after the shards were placed
  private PsClient client;
  private volatile Steps steps;
  private boolean harvested;

  private PsRuntime(RunSpec spec, Key key, String host, float[] initial) {
    this.spec = spec;
    this.key = key;
    this.initial = initial.clone();
    this.transport = spec.transport().open(host, host, Security.current());
    transport.serve(this::receive);
  }

  /**
   * Takes part in a run. Blocks the task thread until the task may start.
   *
   * @param initialWeights all parameters, flattened, the same in every task; copied
   * @throws RunFailedException if the run failed or the task was killed
   */
  public static Seat join(RunSpec spec, TaskInfo task, float[] initialWeights) {
    if (initialWeights.length != spec.numel())
      throw new IllegalArgumentException(
          "the run trains " + spec.numel() + " numbers, got " + initialWeights.length);
    Seat seat = new Seat(enter(spec, task, initialWeights), spec, task);
    try {
      seat.await();
      return seat;
    } catch (RuntimeException e) {
      seat.fail(e);
      seat.close();
      throw e;
    }
  }

  private static PsRuntime enter(RunSpec spec, TaskInfo task, float[] initial) {
    Key key = new Key(spec.run(), task.executorId());
    synchronized (RUNNING) {
      PsRuntime runtime = RUNNING.get(key);
      if (runtime == null)
        RUNNING.put(key, runtime = new PsRuntime(spec, key, task.host(), initial));
      runtime.seats++;
      runtime.lastTask = task.taskId();
      return runtime;
    }
  }

  /** Called once by each seat. */
  void exit() {
    synchronized (RUNNING) {
      if (--seats > 0) return;
      RUNNING.remove(key);
    }
    transport.close();
  }

  void cutOff() {
    transport.close();
  }

  /** Executors that take part in a run in this JVM. */
  static int running() {
    synchronized (RUNNING) {
      return RUNNING.size();
    }
  }

  Gate gate() {
    return gate;
  }

  Address address() {
    return transport.address();
  }

  /** Null until the executor may start. */
  Steps steps() {
    return steps;
  }

  CompletableFuture<Message> tellCoordinator(Message m) {
    return transport.call(spec.coordinator(), m);
  }

  /** What the executor holds of the weights with which a step started, for the first who asks. */
  synchronized Harvest harvest(long step) {
    if (harvested || client == null) return Harvest.NONE;
    harvested = true;
    WireBytes wire =
        new WireBytes(transport.bytesSent(), transport.bytesReceived(), client.optimum());
    return new Harvest(shard == null ? List.of() : shard.ranges(step), wire);
  }

  /** The first task that may start brings the executor to life. */
  void begin(Message.Start m) {
    List<Early> waiting;
    Steps made;
    synchronized (this) {
      if (begun) return;
      begun = true;
      client = new PsClient(spec, transport, m.layout(), this::failed);
      int index = m.layout().shards().indexOf(transport.address());
      Lead lead = new Lead(spec, transport, this::failed);
      if (index >= 0) shard = new Shard(spec, m.layout(), index, initial, lead);
      made = new Steps(spec, key.executor(), client, gate, initial);
      waiting = early;
      early = List.of();
    }
    for (Early e : waiting) serve(e.message(), e.reply());
    steps = made;
    made.begin(m.firstStep(), m.leases());
  }

  private void receive(Message m, Transport.Reply reply) {
    if (m instanceof Message.Abort a) {
      abort(a.text());
      reply.send(new Message.Ack(spec.run()));
      return;
    }
    synchronized (this) {
      if (!begun && !gate.failed()) {
        early.add(new Early(m, reply));
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
    else reply.send(new Message.Refused(spec.run(), address() + " holds no shard, got " + m));
  }

  /** Something went wrong on a thread that belongs to nobody. */
  void failed(Throwable error) {
    Throwable e = error instanceof CompletionException ? error.getCause() : error;
    boolean echo = e instanceof Transport.Unreachable;
    String text = e instanceof Transport.RefusedException || echo ? e.getMessage() : e.toString();
    if (echo && !gate.echo(text)) return;
    Steps.Step at = steps == null ? null : steps.now();
    long step = at == null ? -1 : at.index();
    tellCoordinator(new Message.Fail(spec.run(), lastTask, key.executor(), step, echo, text))
        .exceptionally(
            unreachable -> { // no word to the peers: they ask the driver, who may know the cause
              gate.fail("the driver cannot be reached, after this: " + text);
              return null;
            });
    if (!echo) abort(text);
  }

  /** Ends the run in this executor: wakes its tasks and answers everybody who waits here. */
  void abort(String text) {
    gate.fail(text);
    Shard s;
    List<Early> waiting;
    synchronized (this) {
      s = shard;
      waiting = early;
      early = List.of();
    }
    if (s != null) s.abort(text);
    for (Early e : waiting) e.reply().send(new Message.Refused(spec.run(), text));
  }
}
