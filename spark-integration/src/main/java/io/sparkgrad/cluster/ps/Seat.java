package io.sparkgrad.cluster.ps;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task's place in a run. Used by the task's thread alone.
 *
 * <pre>{@code
 * try (Seat seat = PsRuntime.join(spec, task, initial)) {
 *   while (seat.hasNext()) { // in a run that validates: if (seat.mustScore()) seat.awaitVerdict(..)
 *     for (int w : seat.workers()) seat.push(w, gradient(w, seat.weights(), seat.buffer()), loss, rows);
 *     seat.awaitStep();
 *   }
 *   return seat.finish();
 * }
 * }</pre>
 */
public final class Seat implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Seat.class);
  private static final long REPORT_MS = 10_000; // for the driver to hear of a failure

  private final PsRuntime runtime;
  private final RunSpec spec;
  private final TaskInfo task;
  private final CompletableFuture<Message> start;

  private boolean works; // false: there are more tasks than workers, or the run is over
  private Steps.Step now;
  private int[] workers = {};
  private final BitSet pushed = new BitSet();
  private long scored; // the last border with a verdict; 0 is not scored
  private long end; // by the verdicts
  private boolean settled; // finished, or its failure was told
  private boolean closed;

  Seat(PsRuntime runtime, RunSpec spec, TaskInfo task) {
    this.runtime = runtime;
    this.spec = spec;
    this.task = task;
    this.end = spec.totalSteps();
    Message join =
        new Message.Join(spec.run(), task.taskId(), task.executorId(), runtime.address());
    this.start = runtime.tellCoordinator(join);
    start
        .thenAccept(m -> runtime.begin((Message.Start) m))
        .whenComplete(
            (ok, error) -> {
              if (error != null) runtime.failed(error);
              runtime.gate().changed();
            });
  }

  /** Waits until the task may start and the executor is at its first step. */
  void await() {
    await(() -> start.isDone() && !start.isCompletedExceptionally());
    Message.Start m = (Message.Start) start.join();
    works = m.leases().holds(task.taskId()) && m.firstStep() < spec.totalSteps();
    await(() -> runtime.steps() != null && (!works || reached(m.leases().version())));
    if (works) take(runtime.steps().now());
  }

  private boolean reached(long leasesVersion) {
    Steps.Step at = runtime.steps().now();
    return at != null && at.leases().version() >= leasesVersion;
  }

  private void take(Steps.Step step) {
    now = step;
    workers = step.leases().workersOf(task.taskId());
    pushed.clear();
  }

  /**
   * All parameters, one array for the tasks of the executor: read only. They stand still from
   * {@link PsRuntime#join} or {@link #awaitStep} to the task's last push of the step. Mean nothing
   * to a task that holds no worker.
   */
  public float[] weights() {
    return runtime.steps().weights();
  }

  /** Whether there is a step to do; false at once for a task that holds no worker. */
  public boolean hasNext() {
    return works && now.index() < end();
  }

  private long end() {
    return Math.min(now.end(), end);
  }

  /**
   * Whether {@link #weights} are to be scored on the validation rows of {@link #workers} before
   * anything else: after each epoch and at the end, in a run that validates.
   */
  public boolean mustScore() {
    if (!works || !spec.until().validates() || now.index() == scored) return false;
    return now.index() == end() || now.index() % spec.stepsPerEpoch() == 0;
  }

  /**
   * Hands the scores in and blocks until all workers' are; the run may end thereby.
   *
   * @param scores the loss first, then the metrics: as many for each worker, {@link Score#NONE} for
   *     one without rows
   * @throws RunFailedException if the run failed or the task was killed
   */
  public void awaitVerdict(Map<Integer, List<Score>> scores) {
    if (!mustScore() || !scores.keySet().equals(Set.copyOf(boxed(workers))))
      throw new IllegalStateException(
          "no scores of the workers " + scores.keySet() + " are due at step " + step());
    List<WorkerScores> mine =
        boxed(workers).stream().map(w -> new WorkerScores(w, scores.get(w))).toList();
    Message.Verdict verdict = ask(new Message.Evaluated(spec.run(), now.index(), mine));
    scored = now.index();
    end = verdict.end();
    if (verdict.result() == now.index()) runtime.steps().keep(now);
  }

  private static List<Integer> boxed(int[] workers) {
    return Arrays.stream(workers).boxed().toList();
  }

  /** Asks the coordinator and blocks until its answer is there. */
  private Message.Verdict ask(Message m) {
    CompletableFuture<Message> answer = runtime.tellCoordinator(m);
    answer.whenComplete(
        (ok, error) -> {
          if (error != null) runtime.failed(error);
          runtime.gate().changed();
        });
    await(() -> answer.isDone() && !answer.isCompletedExceptionally());
    return (Message.Verdict) answer.join();
  }

  /** The running step, 0 for the first; the count of all steps for a task that holds no worker. */
  public long step() {
    return works ? now.index() : spec.totalSteps();
  }

  /** The workers whose gradients this task computes in this step, ascending. */
  public int[] workers() {
    return workers.clone();
  }

  /** A free array for a gradient; its contents are undefined. */
  public float[] buffer() {
    return runtime.steps().buffer();
  }

  /**
   * Delivers what a worker computed. The last delivery of an executor sends the sums; it does not
   * wait for the answers.
   *
   * @param gradient summed over the rows, not their mean; belongs to the run from now on. Null for
   *     a worker without rows
   * @param lossSum the losses of all rows, summed
   * @param denominator what the loss is divided by; 0 without rows
   * @throws RunFailedException if the loss or the denominator is not finite
   */
  public void push(int worker, float[] gradient, double lossSum, double denominator) {
    if (!hasNext() || mustScore() || Arrays.binarySearch(workers, worker) < 0 || pushed.get(worker))
      throw new IllegalStateException(
          "worker " + worker + " is not to be pushed by task " + task.taskId());
    if (gradient != null && gradient.length != spec.numel())
      throw new IllegalArgumentException(
          "gradient of " + gradient.length + " numbers, the run trains " + spec.numel());
    if (!Double.isFinite(lossSum) || !Double.isFinite(denominator))
      throw new RunFailedException(
          "worker %d: loss %s over %s is not finite: lower the learning rate or look for a division by zero"
              .formatted(worker, lossSum, denominator));
    pushed.set(worker);
    runtime.steps().deliver(now, worker, gradient, lossSum, denominator);
  }

  /**
   * Blocks until the step is done everywhere and {@link #weights} are new.
   *
   * @throws RunFailedException if the run failed or the task was killed
   */
  public void awaitStep() {
    if (pushed.cardinality() < workers.length)
      throw new IllegalStateException(
          "pushed " + pushed + " of the workers " + Arrays.toString(workers));
    await(() -> runtime.steps().now().index() > now.index());
    take(runtime.steps().now());
  }

  /**
   * Waits until every task of the run is through, so that nobody closes before all have their last
   * answer, and gives what the executor holds: once an executor, {@link Harvest#NONE} to the other
   * tasks.
   *
   * @throws RunFailedException if the run failed or the task was killed
   */
  public Harvest finish() {
    if (mustScore())
      throw new IllegalStateException("the scores at step " + step() + " are missing");
    Message.Verdict verdict = ask(new Message.Leave(spec.run(), task.taskId()));
    settled = true;
    return runtime.harvest(verdict.result());
  }

  /** Tells the driver that this task cannot go on; waits until it knows, but not for long. */
  public void fail(Throwable error) {
    if (settled) return;
    settled = true;
    if (runtime.gate().failed()) return; // then the driver knows, and this is the echo
    String text = error instanceof RunFailedException ? error.getMessage() : error.toString();
    boolean killed = task.interrupted().getAsBoolean();
    boolean interrupted =
        Thread.interrupted(); // Spark may kill by interrupt; the report must go out
    try {
      runtime
          .tellCoordinator(failure(killed || interrupted, text))
          .get(REPORT_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("the driver did not hear that task {} failed: {}", task.taskId(), text, e);
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) Thread.currentThread().interrupt();
    }
  }

  private Message failure(boolean echo, String text) {
    long step = now == null ? -1 : now.index();
    return new Message.Fail(spec.run(), task.taskId(), task.executorId(), step, echo, text);
  }

  /** Gives the place up; the last task of an executor closes what they share. */
  @Override
  public void close() {
    if (closed) return;
    closed = true;
    fail(new RunFailedException("left without finishing"));
    runtime.exit();
  }

  /** Fault injection: the executor is gone without a word. */
  void cutOff() {
    runtime.cutOff();
  }

  private void await(BooleanSupplier ready) {
    runtime.gate().await(ready, task.interrupted());
  }
}
