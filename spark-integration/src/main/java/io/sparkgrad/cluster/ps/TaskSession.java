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
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One task's part in a run. Used by the task's thread alone.
 *
 * <pre>{@code
 * try (TaskSession session = PsRuntime.join(spec, task, initial)) {
 *   while (session.next()) {
 *     if (session.mustScore()) session.submitScores(..); // in a run that validates
 *     else for (int w : session.workers()) session.push(w, gradient(w, session.weights(), session.buffer()), loss, rows);
 *   }
 *   return session.finish();
 * }
 * }</pre>
 *
 * <p>After the loss of an executor steps come again, at most two old ones and the open one: {@link
 * #step} is then lower than before, or the same.
 */
public final class TaskSession implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TaskSession.class);
  private static final long REPORT_MS = 10_000; // to report a failure to the driver

  /** What a task is to do. */
  enum Turn {
    WAIT,
    GO,
    OVER
  }

  private final Node node;
  private final Steps steps;
  private final RunSpec spec;
  private final TaskInfo task;
  private final Supplier<WireBytes> bytes;
  private final Runnable exit;

  private final CompletableFuture<Message> joined;
  private Steps.Step now; // null: none yet
  private boolean computes; // the step is taken, so its weights stay
  private int[] workers = {};
  private final BitSet pushed = new BitSet();
  private boolean score; // the weights are to be scored, and are not submitted
  private volatile Steps.Step decided; // the last step with a verdict
  private boolean settled; // finished, or its failure was reported
  private boolean closed;

  TaskSession(Node node, RunSpec spec, TaskInfo task, Supplier<WireBytes> bytes, Runnable exit) {
    this.node = node;
    this.steps = node.steps();
    this.spec = spec;
    this.task = task;
    this.bytes = bytes;
    this.exit = exit;
    Member self = node.self();
    this.joined =
        node.ask(new Message.Join(spec.runId(), task.taskId(), self.executor(), self.address()));
  }

  /**
   * Blocks until there is something to do: a step, or weights to be scored; false when the run is
   * over. A task without workers waits, too: it may get some.
   *
   * @throws RunFailedException if the run failed or the task was killed
   */
  public boolean next() {
    if (computes && !score && pushed.cardinality() < workers.length && !isVoid())
      throw new IllegalStateException(
          "pushed %s of the workers %s".formatted(pushed, Arrays.toString(workers)));
    if (computes && score && !isVoid())
      throw new IllegalStateException("the scores at step " + step() + " are missing");
    Turn[] turn = {Turn.WAIT};
    node.latch().await(() -> (turn[0] = poll()) != Turn.WAIT, task.interrupted());
    return turn[0] == Turn.GO;
  }

  /** Whether the step is done, or was ended by a fence. */
  boolean isVoid() {
    return steps.now() != now;
  }

  /** As {@link #next}, without blocking. */
  Turn poll() {
    rest();
    if (node.over()) return Turn.OVER;
    Steps.Step taken = steps.take(this::mine);
    if (taken == null) return Turn.WAIT;
    computes = true;
    pushed.clear();
    score = taken != decided && isBorder(taken);
    now = taken;
    workers = taken.assignment().workersOf(task.taskId());
    return Turn.GO;
  }

  private void rest() {
    if (!computes) return;
    computes = false;
    steps.rest();
  }

  /** Whether there is something to do in a step. */
  private boolean mine(Steps.Step s) {
    if (!s.assignment().includes(task.taskId())) return false;
    boolean open = s.index() < steps.end();
    if (s != now) return open || isBorder(s);
    boolean scored = isBorder(s) && !score && s == decided && pushed.isEmpty();
    return scored && open; // the verdict came, and the run goes on
  }

  private boolean isBorder(Steps.Step s) {
    return spec.stop().validates()
        && s.index() > 0
        && (s.index() == steps.end() || s.index() % spec.stepsPerEpoch() == 0);
  }

  /**
   * All parameters, flattened, {@code [numel]}; one array for the tasks of the executor: read only.
   * It does not change from {@link #next} to the task's last push of the step, but for rows of
   * tables, which are NaN until they were {@linkplain #read read} in the step.
   */
  public float[] weights() {
    return steps.weights();
  }

  /**
   * Whether {@link #weights} are to be scored on the validation rows of {@link #workers}, instead
   * of a step: after each epoch and at the end, in a run that validates.
   */
  public boolean mustScore() {
    return score;
  }

  /**
   * Submits the scores; the verdict over all workers' may end the run.
   *
   * @param scores the loss first, then the metrics: as many for each worker, {@link Score#NONE} for
   *     one without rows
   */
  public void submitScores(Map<Integer, List<Score>> scores) {
    if (!mustScore() || !scores.keySet().equals(Set.copyOf(boxed(workers))))
      throw new IllegalStateException(
          "no scores of the workers %s are due at step %s".formatted(scores.keySet(), step()));
    List<WorkerScores> mine =
        boxed(workers).stream().map(w -> new WorkerScores(w, scores.get(w))).toList();
    Steps.Step in = now;
    score = false;
    rest();
    Address from = node.self().address();
    node.ask(new Message.Scores(spec.runId(), in.epoch(), from, in.index(), mine))
        .thenAccept(
            answer -> {
              if (!(answer instanceof Message.StopDecision d)) return; // fenced: it comes again
              steps.decided(in, d);
              decided = in;
              node.latch().changed();
            });
  }

  private static List<Integer> boxed(int[] workers) {
    return Arrays.stream(workers).boxed().toList();
  }

  /** The current step, 0 for the first. */
  public long step() {
    return now.index();
  }

  /** The workers whose gradients this task computes in this step, ascending. */
  public int[] workers() {
    return workers.clone();
  }

  /**
   * Brings rows of a table into {@link #weights}; blocks until they are there.
   *
   * @param ids distinct, ascending
   * @return false: an executor was lost, the step is void and comes again
   * @throws RunFailedException if the run failed or the task was killed
   */
  public boolean read(int table, int[] ids) {
    List<TableRows> rows = List.of(TableRows.named(table, ids));
    request(rows);
    node.latch().await(() -> isVoid() || steps.isThere(rows), task.interrupted());
    return !isVoid();
  }

  /** As {@link #read}, without blocking. */
  void request(List<TableRows> rows) {
    if (!computes) throw new IllegalStateException("rows are read within a step");
    steps.request(now, rows);
  }

  /** Whether all of the named rows are there. */
  boolean isThere(List<TableRows> rows) {
    return steps.isThere(rows);
  }

  /** A free array {@code [dense]} for a gradient; its contents are undefined. */
  public float[] buffer() {
    return steps.buffer();
  }

  /**
   * Adds a worker's gradient to the step. The last one of an executor sends the sums; it does not
   * wait for the answers.
   *
   * @param gradient {@code [dense]}, the sum over the rows, not their mean; 0 where a parameter has
   *     none; owned by the run from now on. Null for a worker without rows
   * @param present the parameters that have a gradient, tables behind the others; those of no
   *     worker are not stepped
   * @param rows the same of tables: those that were looked up
   * @param next the rows that the worker will look up in the next step, as far as is known: they
   *     come with the weights, others by {@link #read}
   * @param lossSum sum of the losses of all rows
   * @param denominator what the loss is divided by; 0 without rows
   * @param count of rows, by which the changes of buffers in the gradient were multiplied
   * @return false: an executor was lost, the step is void and comes again
   * @throws RunFailedException if the loss or the denominator is not finite
   */
  public boolean push(
      int worker,
      float[] gradient,
      BitSet present,
      List<TableRows> rows,
      List<TableRows> next,
      double lossSum,
      double denominator,
      long count) {
    Floats dense = gradient == null ? null : Floats.of(gradient);
    return push(worker, new Gradient(dense, present, rows), next, lossSum, denominator, count);
  }

  /**
   * As the other one without buffers, where all parameters have a gradient, or none: null for no
   * rows.
   */
  public boolean push(int worker, float[] gradient, double lossSum, double denominator) {
    Gradient g = Gradient.NONE;
    if (gradient != null) {
      BitSet all = new BitSet();
      all.set(0, spec.parameterCount());
      g = new Gradient(Floats.of(gradient), all, List.of());
    }
    return push(worker, g, List.of(), lossSum, denominator, 0);
  }

  private boolean push(
      int worker,
      Gradient gradient,
      List<TableRows> next,
      double lossSum,
      double denominator,
      long count) {
    if (!computes || score || Arrays.binarySearch(workers, worker) < 0 || pushed.get(worker))
      throw new IllegalStateException(
          "worker %s is not to be pushed by task %s".formatted(worker, task.taskId()));
    if (gradient.dense() != null && gradient.dense().length() != spec.dense())
      throw new IllegalArgumentException(
          "gradient of %s numbers, the run trains %s"
              .formatted(gradient.dense().length(), spec.dense()));
    if (!Double.isFinite(lossSum) || !Double.isFinite(denominator))
      throw new RunFailedException(
          "worker %d: loss %s over %s is not finite: lower the learning rate or look for a division by zero"
              .formatted(worker, lossSum, denominator));
    pushed.set(worker);
    PartialSum leaf = new PartialSum(TreeNode.leaf(worker), gradient, lossSum, denominator, count);
    return steps.deliver(now, leaf, next);
  }

  /** The executor's bytes, once {@link #next} said that the run is over. */
  public WireBytes finish() {
    if (!node.over()) throw new IllegalStateException("the run is not over");
    settled = true;
    return bytes.get();
  }

  /** Says that Spark will start this task again, here or elsewhere: the run goes on. */
  public void leave(Throwable error) {
    report(true, error);
  }

  /** Reports to the driver that this task cannot go on; waits at most 10 s for the answer. */
  public void fail(Throwable error) {
    report(false, error);
  }

  private void report(boolean comesAgain, Throwable error) {
    if (settled) return;
    settled = true;
    if (node.ended()) return; // then the driver knows, and this is a symptom
    boolean killed = task.interrupted().getAsBoolean();
    boolean interrupted =
        Thread.interrupted(); // Spark may kill by interrupt; the report must go out
    String text = error instanceof RunFailedException ? error.getMessage() : error.toString();
    Member self = node.self();
    Message report =
        comesAgain || killed || interrupted
            ? new Message.Leave(spec.runId(), task.taskId(), self.executor(), self.address(), text)
            : node.failure(task.taskId(), now == null ? -1 : now.index(), text);
    try {
      joined // whom the driver does not know it does not believe
          .thenCompose(known -> node.ask(report))
          .get(REPORT_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("the driver did not hear that task {} failed: {}", task.taskId(), text, e);
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) Thread.currentThread().interrupt();
    }
  }

  /** Where the executor listens. */
  Address address() {
    return node.self().address();
  }

  /** Leaves the run; the segments that the executor holds stay. */
  @Override
  public void close() {
    if (closed) return;
    closed = true;
    rest();
    fail(new RunFailedException("left without finishing"));
    exit.run();
  }
}
