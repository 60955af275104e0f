package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** A driver and executors in one JVM; each task is a thread. */
final class Cluster implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final long PATIENCE_S = 60; // a hang fails the test

  final Problem problem;
  final PsDriver driver;
  final List<EpochLoss> epochs = new ArrayList<>();
  final Map<Long, TaskSession> sessions = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<CompletableFuture<TaskResult>> tasks = new CopyOnWriteArrayList<>();

  /** Runs in a task before each of its steps; may throw. */
  interface Hook {
    void before(TaskSession session, long task) throws Exception;
  }

  Cluster(
      Problem problem, TransportSpec transport, int expectedTasks, Coordinator.Timeouts timeouts) {
    this(problem, transport, expectedTasks, timeouts, StopCriteria.LAST_STEP, System::nanoTime);
  }

  Cluster(
      Problem problem,
      TransportSpec transport,
      int expectedTasks,
      Coordinator.Timeouts timeouts,
      StopCriteria stop,
      LongSupplier nanos) {
    this.problem = problem;
    RunSpec spec =
        RunSpec.of(
                "run-" + System.nanoTime(),
                problem.numel(),
                problem.workers(),
                problem.steps(),
                Problem.STEPS_PER_EPOCH,
                new Momentum(),
                transport,
                expectedTasks)
            .stoppingBy(stop);
    driver = PsDriver.open(spec, HOST, Security.NONE, timeouts, nanos, epochs::add);
  }

  Cluster(Problem problem, TransportSpec transport, int expectedTasks) {
    this(problem, transport, expectedTasks, new Coordinator.Timeouts(30_000, 0));
  }

  CompletableFuture<TaskResult> task(long id, String executor) {
    return task(id, executor, new AtomicBoolean(), (session, task) -> {});
  }

  CompletableFuture<TaskResult> task(long id, String executor, AtomicBoolean killed, Hook hook) {
    CompletableFuture<TaskResult> result =
        CompletableFuture.supplyAsync(() -> run(id, executor, killed, hook), threads);
    tasks.add(result);
    return result;
  }

  private TaskResult run(long id, String executor, AtomicBoolean killed, Hook hook) {
    TaskInfo info = new TaskInfo(id, executor, HOST, killed::get);
    try (TaskSession session = PsRuntime.join(driver.spec(), info, problem.initial())) {
      sessions.put(id, session);
      try {
        score(session);
        while (session.hasNext()) {
          hook.before(session, id);
          step(session);
          score(session);
        }
        return session.finish();
      } catch (Exception e) {
        session.fail(e);
        throw e instanceof RuntimeException r ? r : new IllegalStateException(e);
      }
    }
  }

  private void score(TaskSession session) {
    if (!session.mustScore()) return;
    Map<Integer, List<Score>> scores = new HashMap<>();
    for (int w : session.workers())
      scores.put(w, problem.score(session.weights(), w, session.step()));
    session.submitScores(scores);
  }

  private void step(TaskSession session) {
    for (int w : session.workers()) {
      Problem.Contribution c = problem.compute(session.weights(), w, session.step());
      float[] g = null;
      if (c.gradient() != null)
        System.arraycopy(c.gradient(), 0, g = session.buffer(), 0, g.length);
      session.push(w, g, c.loss(), c.rows());
    }
    session.awaitStep();
  }

  /** Waits for all tasks and joins the weights they return, {@code [numel]}. */
  float[] weights() throws Exception {
    float[] w = new float[problem.numel()];
    int held = 0;
    for (TaskResult h : results())
      for (WeightRange r : h.ranges()) {
        System.arraycopy(r.values(), 0, w, r.from(), r.values().length);
        held += r.values().length;
      }
    if (held != w.length) throw new AssertionError(held + " of " + w.length + " numbers came back");
    return w;
  }

  List<TaskResult> results() throws Exception {
    List<TaskResult> all = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) all.add(get(tasks.get(i))); // tasks may start tasks
    get(driver.finished());
    return all;
  }

  static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(PATIENCE_S, TimeUnit.SECONDS);
  }

  static void await(CountDownLatch latch) throws InterruptedException {
    if (!latch.await(PATIENCE_S, TimeUnit.SECONDS)) throw new AssertionError("nobody came");
  }

  static void until(BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(PATIENCE_S))
        throw new AssertionError("it never happened");
      Thread.yield();
    }
  }

  @Override
  public void close() throws Exception {
    driver.close();
    threads.shutdown();
    if (!threads.awaitTermination(PATIENCE_S, TimeUnit.SECONDS))
      throw new AssertionError("a task hangs");
  }
}
