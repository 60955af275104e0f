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
 * One task's part in a run. Used by the task's thread alone.
 *
 * <pre>{@code
 * try (TaskSession session = PsRuntime.join(spec, task, initial)) {
 *   while (session.hasNext()) { // in a run that validates: if (session.mustScore()) session.submitScores(..)
 *     for (int w : session.workers()) session.push(w, gradient(w, session.weights(), session.buffer()), loss, rows);
 *     session.awaitStep();
 *   }
 *   return session.finish();
 * }
 * }</pre>
 */
public final class TaskSession implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TaskSession.class);
  private static final long REPORT_MS = 10_000; // to report a failure to the driver

  private final PsRuntime runtime;
  private final RunSpec spec;
  private final TaskInfo task;
  private final CompletableFuture<Message> start;

  private boolean works; // false: there are more tasks than workers, or the run is over
  private Steps.Step now;
  private int[] workers = {};
  private final BitSet pushed = new BitSet();
  private long scored; // the last boundary with a decision; 0 is not scored
  private long end; // by the decisions
  private boolean settled; // finished, or its failure was reported
  private boolean closed;

  TaskSession(PsRuntime runtime, RunSpec spec, TaskInfo task) {
    this.runtime = runtime;
    this.spec = spec;
    this.task = task;
    this.end = spec.totalSteps();
    Message join =
        new Message.Join(spec.runId(), task.taskId(), task.executorId(), runtime.address());
    this.start = runtime.callCoordinator(join);
    start
        .thenAccept(m -> runtime.begin((Message.Start) m))
        .whenComplete(
            (ok, error) -> {
              if (error != null) runtime.failed(error);
              runtime.latch().changed();
            });
  }

  /** Waits until the task may start and the executor is at its first step. */
  void await() {
    await(() -> start.isDone() && !start.isCompletedExceptionally());
    Message.Start m = (Message.Start) start.join();
    works = m.assignment().includes(task.taskId()) && m.firstStep() < spec.totalSteps();
    await(() -> runtime.steps() != null && (!works || reached(m.assignment().version())));
    if (works) take(runtime.steps().now());
  }

  private boolean reached(long assignmentVersion) {
    Steps.Step at = runtime.steps().now();
    return at != null && at.assignment().version() >= assignmentVersion;
  }

  private void take(Steps.Step step) {
    now = step;
    workers = step.assignment().workersOf(task.taskId());
    pushed.clear();
  }

  /**
   * All parameters, flattened, {@code [numel]}; one array for the tasks of the executor: read only.
   * It does not change from {@link PsRuntime#join} or {@link #awaitStep} to the task's last push of
   * the step. Undefined for a task without workers.
   */
  public float[] weights() {
    return runtime.steps().weights();
  }

  /** Whether there is a step to do; false at once for a task without workers. */
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
    if (!works || !spec.stop().validates() || now.index() == scored) return false;
    return now.index() == end() || now.index() % spec.stepsPerEpoch() == 0;
  }

  /**
   * Submits the scores and blocks until all workers' are in; the run may end thereby.
   *
   * @param scores the loss first, then the metrics: as many for each worker, {@link Score#NONE} for
   *     one without rows
   * @throws RunFailedException if the run failed or the task was killed
   */
  public void submitScores(Map<Integer, List<Score>> scores) {
    if (!mustScore() || !scores.keySet().equals(Set.copyOf(boxed(workers))))
      throw new IllegalStateException(
          "no scores of the workers %s are due at step %s".formatted(scores.keySet(), step()));
    List<WorkerScores> mine =
        boxed(workers).stream().map(w -> new WorkerScores(w, scores.get(w))).toList();
    Message.StopDecision decision = ask(new Message.Scores(spec.runId(), now.index(), mine));
    scored = now.index();
    end = decision.end();
    if (decision.result() == now.index()) runtime.steps().keep(now);
  }

  private static List<Integer> boxed(int[] workers) {
    return Arrays.stream(workers).boxed().toList();
  }

  /** Sends to the coordinator and blocks until its decision is there. */
  private Message.StopDecision ask(Message m) {
    CompletableFuture<Message> answer = runtime.callCoordinator(m);
    answer.whenComplete(
        (ok, error) -> {
          if (error != null) runtime.failed(error);
          runtime.latch().changed();
        });
    await(() -> answer.isDone() && !answer.isCompletedExceptionally());
    return (Message.StopDecision) answer.join();
  }

  /** The current step, 0 for the first; the count of all steps for a task without workers. */
  public long step() {
    return works ? now.index() : spec.totalSteps();
  }

  /** The workers whose gradients this task computes in this step, ascending. */
  public int[] workers() {
    return workers.clone();
  }

  /** A free array {@code [numel]} for a gradient; its contents are undefined. */
  public float[] buffer() {
    return runtime.steps().buffer();
  }

  /**
   * Adds a worker's gradient to the step. The last one of an executor sends the sums; it does not
   * wait for the answers.
   *
   * @param gradient {@code [numel]}, the sum over the rows, not their mean; owned by the run from
   *     now on. Null for a worker without rows
   * @param lossSum sum of the losses of all rows
   * @param denominator what the loss is divided by; 0 without rows
   * @throws RunFailedException if the loss or the denominator is not finite
   */
  public void push(int worker, float[] gradient, double lossSum, double denominator) {
    if (!hasNext() || mustScore() || Arrays.binarySearch(workers, worker) < 0 || pushed.get(worker))
      throw new IllegalStateException(
          "worker %s is not to be pushed by task %s".formatted(worker, task.taskId()));
    if (gradient != null && gradient.length != spec.numel())
      throw new IllegalArgumentException(
          "gradient of %s numbers, the run trains %s".formatted(gradient.length, spec.numel()));
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
          "pushed %s of the workers %s".formatted(pushed, Arrays.toString(workers)));
    await(() -> runtime.steps().now().index() > now.index());
    take(runtime.steps().now());
  }

  /**
   * Waits until every task of the run has finished, so that nobody closes before all have their
   * last answer, and returns what the executor holds: once an executor, {@link TaskResult#NONE} to
   * the other tasks.
   *
   * @throws RunFailedException if the run failed or the task was killed
   */
  public TaskResult finish() {
    if (mustScore())
      throw new IllegalStateException("the scores at step " + step() + " are missing");
    Message.StopDecision decision = ask(new Message.Leave(spec.runId(), task.taskId()));
    settled = true;
    return runtime.result(decision.result());
  }

  /** Reports to the driver that this task cannot go on; waits at most 10 s for the answer. */
  public void fail(Throwable error) {
    if (settled) return;
    settled = true;
    if (runtime.latch().failed()) return; // then the driver knows, and this is a symptom
    String text = error instanceof RunFailedException ? error.getMessage() : error.toString();
    boolean killed = task.interrupted().getAsBoolean();
    boolean interrupted =
        Thread.interrupted(); // Spark may kill by interrupt; the report must go out
    try {
      runtime
          .callCoordinator(failure(killed || interrupted, text))
          .get(REPORT_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("the driver did not hear that task {} failed: {}", task.taskId(), text, e);
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) Thread.currentThread().interrupt();
    }
  }

  private Message failure(boolean symptom, String text) {
    long step = now == null ? -1 : now.index();
    return new Message.Fail(spec.runId(), task.taskId(), task.executorId(), step, symptom, text);
  }

  /** Leaves the run; the last task of an executor closes what they share. */
  @Override
  public void close() {
    if (closed) return;
    closed = true;
    fail(new RunFailedException("left without finishing"));
    runtime.exit();
  }

  /** Where the executor listens. */
  Address address() {
    return runtime.address();
  }

  /** Injects a fault: the executor is gone without a message. */
  void cutOff() {
    runtime.cutOff();
  }

  private void await(BooleanSupplier ready) {
    runtime.latch().await(ready, task.interrupted());
  }
}
