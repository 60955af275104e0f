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
  private final List<CompletableFuture<WireBytes>> tasks = new CopyOnWriteArrayList<>();

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
                problem.rule(),
                transport,
                expectedTasks)
            .stoppingBy(stop)
            .withParameters(
                problem.parameters(), Problem.BUFFERS, Problem.MAXIMA, problem.tables());
    driver = PsDriver.open(spec, HOST, Security.NONE, timeouts, nanos, epochs::add);
  }

  Cluster(Problem problem, TransportSpec transport, int expectedTasks) {
    this(problem, transport, expectedTasks, timeouts(30_000));
  }

  /** Waits so long for all tasks to join, and hardly for those that come later. */
  static Coordinator.Timeouts timeouts(long settleMs) {
    Coordinator.Timeouts d = Coordinator.Timeouts.DEFAULT;
    return new Coordinator.Timeouts(settleMs, 1, d.graceMs(), d.unreachableMs(), d.silentMs());
  }

  CompletableFuture<WireBytes> task(long id, String executor) {
    return task(id, executor, new AtomicBoolean(), (session, task) -> {});
  }

  CompletableFuture<WireBytes> task(long id, String executor, AtomicBoolean killed, Hook hook) {
    CompletableFuture<WireBytes> result =
        CompletableFuture.supplyAsync(() -> run(id, executor, killed, hook), threads);
    tasks.add(result);
    return result;
  }

  /** A task whose executor dies under it: its end says nothing. */
  void lost(long id, String executor, Hook hook) {
    CompletableFuture.runAsync(() -> run(id, executor, new AtomicBoolean(), hook), threads);
  }

  private WireBytes run(long id, String executor, AtomicBoolean killed, Hook hook) {
    TaskInfo info = new TaskInfo(id, executor, HOST, killed::get);
    try (TaskSession session = PsRuntime.join(driver.spec(), info, problem.initial())) {
      sessions.put(id, session);
      try {
        while (session.next()) {
          if (session.mustScore()) {
            score(session);
          } else {
            hook.before(session, id);
            step(session);
          }
        }
        return session.finish();
      } catch (Exception e) {
        session.fail(e);
        throw e instanceof RuntimeException r ? r : new IllegalStateException(e);
      }
    }
  }

  private void score(TaskSession session) {
    Map<Integer, List<Score>> scores = new HashMap<>();
    for (int w : session.workers())
      scores.put(w, problem.score(session.weights(), w, session.step()));
    session.submitScores(scores);
  }

  private void step(TaskSession session) {
    for (int w : session.workers()) {
      List<TableRows> named = problem.lookUps(w, session.step());
      for (TableRows r : named) if (!session.read(r.table(), r.ids())) return;
      Problem.Contribution c = problem.compute(session.weights(), w, session.step());
      float[] g = null;
      List<TableRows> rows = List.of();
      if (c.gradient() != null) {
        System.arraycopy(c.gradient(), 0, g = session.buffer(), 0, g.length);
        rows = Problem.rows(named, problem.dense(), c.gradient());
      }
      List<TableRows> next = problem.next(w, session.step());
      if (!session.push(w, g, c.present(), rows, next, c.loss(), c.rows(), c.count())) return;
    }
  }

  /** Waits for all tasks and returns the run's weights, {@code [numel]}. */
  float[] weights() throws Exception {
    results();
    return driver.result();
  }

  List<WireBytes> results() throws Exception {
    List<WireBytes> all = new ArrayList<>();
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
