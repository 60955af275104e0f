package io.sparkgrad.cluster.ps;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * An executor's part in a run: its {@link Node} with endpoint and thread. The first task of the run
 * in the executor makes it. It outlives its tasks, because it holds segments, and ends with the
 * run. Thread-safe.
 */
public final class PsRuntime {
  private static final Map<Key, PsRuntime> RUNNING = new HashMap<>();
  private static final long LINGER_MS = 200; // from the end of the run to that of the endpoint

  private record Key(String runId, String executor) {}

  private final RunSpec spec;
  private final Key key;
  private final Transport transport;
  private final ScheduledThreadPoolExecutor thread = daemon("sparkgrad-executor");
  private final Node node;

  private int sessions; // guarded by RUNNING
  private boolean closed; // guarded by RUNNING
  private boolean bytesTaken; // guarded by RUNNING

  private PsRuntime(RunSpec spec, Key key, String host, float[] initial) {
    this.spec = spec;
    this.key = key;
    this.transport = spec.transport().open(host, host, Security.current());
    this.node =
        new Node(
            spec,
            key.executor(),
            transport,
            timer(thread),
            new FailureLatch(),
            initial,
            this::closeSoon);
    transport.serve(Transport.onlyOf(spec.runId(), node));
    node.start();
  }

  static ScheduledThreadPoolExecutor daemon(String name) {
    ScheduledThreadPoolExecutor thread =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              Thread t = new Thread(work, name);
              t.setDaemon(true);
              return t;
            },
            (late, pool) -> {}); // closed: nobody listens any more
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false); // no alarm outlives the run
    return thread;
  }

  static Timer timer(ScheduledThreadPoolExecutor thread) {
    return new Timer() {
      @Override
      public void after(long ms, Runnable action) {
        thread.schedule(action, ms, TimeUnit.MILLISECONDS);
      }

      @Override
      public long nanos() {
        return System.nanoTime();
      }
    };
  }

  /**
   * Joins a run.
   *
   * @param initialWeights all parameters, flattened, the same in every task; never written
   * @throws RunFailedException if the run failed
   */
  public static TaskSession join(RunSpec spec, TaskInfo task, float[] initialWeights) {
    if (initialWeights.length != spec.numel())
      throw new IllegalArgumentException(
          "the run trains %s numbers, got %s".formatted(spec.numel(), initialWeights.length));
    PsRuntime runtime = enter(spec, task, initialWeights);
    return new TaskSession(runtime.node, spec, task, runtime::takeBytes, runtime::exit);
  }

  private static PsRuntime enter(RunSpec spec, TaskInfo task, float[] initial) {
    Key key = new Key(spec.runId(), task.executorId());
    synchronized (RUNNING) {
      PsRuntime runtime = RUNNING.get(key);
      if (runtime == null)
        RUNNING.put(key, runtime = new PsRuntime(spec, key, task.host(), initial));
      runtime.sessions++;
      return runtime;
    }
  }

  private void exit() {
    synchronized (RUNNING) {
      sessions--;
    }
    closeSoon();
  }

  /* The driver waits for the answer to its word of the end: it has to leave first. */
  private void closeSoon() {
    thread.schedule(this::closeIfLeft, LINGER_MS, TimeUnit.MILLISECONDS);
  }

  private void closeIfLeft() {
    synchronized (RUNNING) {
      if (sessions > 0 || closed || !node.ended()) return;
      closed = true;
      RUNNING.remove(key);
    }
    node.close();
    transport.close();
    thread.shutdown();
  }

  /** The bytes of the executor so far, for the first task that asks; NONE later. */
  private WireBytes takeBytes() {
    synchronized (RUNNING) {
      if (bytesTaken) return WireBytes.NONE;
      bytesTaken = true;
    }
    return new WireBytes(
        transport.bytesSent(),
        transport.bytesReceived(),
        node.steps().optimum(),
        transport.backupBytesSent(),
        transport.normBytesSent());
  }

  /** Injects a fault: the executor is gone without a message. */
  static void cutOff(RunSpec spec, String executor) {
    PsRuntime runtime;
    synchronized (RUNNING) {
      runtime = RUNNING.remove(new Key(spec.runId(), executor));
      runtime.closed = true;
    }
    runtime.node.close();
    runtime.transport.close();
    runtime.thread.shutdown();
    runtime.node.latch().fail("the executor is gone", false);
  }

  /** Count of executors that take part in a run in this JVM. */
  static int running() {
    synchronized (RUNNING) {
      return RUNNING.size();
    }
  }
}
