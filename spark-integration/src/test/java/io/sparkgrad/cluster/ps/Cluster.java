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
  final Map<Long, Seat> seats = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<CompletableFuture<Harvest>> tasks = new CopyOnWriteArrayList<>();

  /** What a task does with its seat between joining and finishing a step; may throw. */
  interface Hook {
    void before(Seat seat, long task) throws Exception;
  }

  Cluster(
      Problem problem, TransportSpec transport, int expectedTasks, Coordinator.Patience patience) {
    this(problem, transport, expectedTasks, patience, Until.LAST_STEP, System::nanoTime);
  }

  Cluster(
      Problem problem,
      TransportSpec transport,
      int expectedTasks,
      Coordinator.Patience patience,
      Until until,
      LongSupplier nanos) {
    this.problem = problem;
    RunSpec plan =
        RunSpec.of(
                "run-" + System.nanoTime(),
                problem.numel(),
                problem.workers(),
                problem.steps(),
                Problem.STEPS_PER_EPOCH,
                new Momentum(),
                transport,
                expectedTasks)
            .until(until);
    driver = PsDriver.open(plan, HOST, Security.NONE, patience, nanos, epochs::add);
  }

  Cluster(Problem problem, TransportSpec transport, int expectedTasks) {
    this(problem, transport, expectedTasks, new Coordinator.Patience(30_000, 0));
  }

  CompletableFuture<Harvest> task(long id, String executor) {
    return task(id, executor, new AtomicBoolean(), (seat, task) -> {});
  }

  CompletableFuture<Harvest> task(long id, String executor, AtomicBoolean killed, Hook hook) {
    CompletableFuture<Harvest> result =
        CompletableFuture.supplyAsync(() -> run(id, executor, killed, hook), threads);
    tasks.add(result);
    return result;
  }

  private Harvest run(long id, String executor, AtomicBoolean killed, Hook hook) {
    TaskInfo info = new TaskInfo(id, executor, HOST, killed::get);
    try (Seat seat = PsRuntime.join(driver.spec(), info, problem.initial())) {
      seats.put(id, seat);
      try {
        score(seat);
        while (seat.hasNext()) {
          hook.before(seat, id);
          step(seat);
          score(seat);
        }
        return seat.finish();
      } catch (Exception e) {
        seat.fail(e);
        throw e instanceof RuntimeException r ? r : new IllegalStateException(e);
      }
    }
  }

  private void score(Seat seat) {
    if (!seat.mustScore()) return;
    Map<Integer, List<Score>> scores = new HashMap<>();
    for (int w : seat.workers()) scores.put(w, problem.score(seat.weights(), w, seat.step()));
    seat.awaitVerdict(scores);
  }

  private void step(Seat seat) {
    for (int w : seat.workers()) {
      Problem.Contribution c = problem.compute(seat.weights(), w, seat.step());
      float[] g = null;
      if (c.gradient() != null) System.arraycopy(c.gradient(), 0, g = seat.buffer(), 0, g.length);
      seat.push(w, g, c.loss(), c.rows());
    }
    seat.awaitStep();
  }

  /** Waits for all tasks; the weights they bring home. */
  float[] weights() throws Exception {
    float[] w = new float[problem.numel()];
    int held = 0;
    for (Harvest h : harvests())
      for (Range r : h.ranges()) {
        System.arraycopy(r.values(), 0, w, r.from(), r.values().length);
        held += r.values().length;
      }
    if (held != w.length) throw new AssertionError(held + " of " + w.length + " numbers came home");
    return w;
  }

  List<Harvest> harvests() throws Exception {
    List<Harvest> all = new ArrayList<>();
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
