package io.sparkgrad.cluster.ps;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The current step of an executor: its tasks deliver their workers' gradients, the last delivery
 * sends the sums, and the last answer opens the next step. Thread-safe.
 */
final class Steps {
  /* The weights are one array for all tasks. They are written between the last delivery of a step and the opening of the
   * next, when no task reads them. Arrays of summed gradients go back to the pool as soon as they were added, the sums
   * themselves when all answers are in, because shards in the same JVM work on them in place. */
  private final RunSpec spec;
  private final String executor;
  private final PsClient client;
  private final FailureLatch latch;
  private final float[] weights;
  private final Queue<float[]> free = new ConcurrentLinkedQueue<>();
  private volatile Step now; // null until the first weights are there
  private volatile long kept = -1;

  /**
   * One step of this executor.
   *
   * @param end the run's last boundary, as far as is known: this one if {@code end == index}
   */
  record Step(
      long index, Assignment assignment, long end, TreeSum sum, AtomicInteger undelivered) {}

  Steps(RunSpec spec, String executor, PsClient client, FailureLatch latch, float[] weights) {
    this.spec = spec;
    this.executor = executor;
    this.client = client;
    this.latch = latch;
    this.weights = weights;
  }

  /** Opens the first step; pulls its weights unless the run starts with them. */
  void begin(long firstStep, Assignment assignment) {
    boolean late =
        firstStep > 0 && firstStep < spec.totalSteps() && assignment.workersOn(executor) > 0;
    if (late)
      client.pull(firstStep, weights, same -> open(firstStep, assignment, spec.totalSteps()));
    else open(firstStep, assignment, spec.totalSteps());
  }

  Step now() {
    return now;
  }

  float[] weights() {
    return weights;
  }

  float[] buffer() {
    float[] b = free.poll();
    return b != null ? b : new float[spec.numel()];
  }

  /** Has the shards keep the weights with which a step starts; before its last delivery. */
  void keep(Step step) {
    kept = step.index();
  }

  void deliver(Step step, int worker, float[] gradient, double lossSum, double denominator) {
    Floats sum = gradient == null ? null : Floats.of(gradient);
    step.sum().add(new PartialSum(TreeNode.leaf(worker), sum, lossSum, denominator));
    if (step.undelivered().decrementAndGet() > 0) return;
    List<PartialSum> nodes = step.sum().nodes();
    boolean keep = kept == step.index();
    client.push(step.index(), keep, nodes, weights, boundary -> close(step, nodes, boundary));
  }

  private void close(Step step, List<PartialSum> nodes, BoundaryChange boundary) {
    for (PartialSum p : nodes) if (p.sum() != null) free.add(p.sum().array());
    long index = step.index() + 1;
    Assignment next = boundary == null ? null : boundary.assignment();
    long end = boundary != null && boundary.end() ? index : step.end();
    open(index, next == null ? step.assignment() : next, end);
  }

  private void open(long index, Assignment assignment, long end) {
    TreeSum sum = new TreeSum(spec.workers(), freed -> free.add(freed.array()));
    now = new Step(index, assignment, end, sum, new AtomicInteger(assignment.workersOn(executor)));
    latch.changed();
  }
}
