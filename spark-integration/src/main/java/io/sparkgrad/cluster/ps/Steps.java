package io.sparkgrad.cluster.ps;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The running step of an executor: its tasks deliver their workers' gradients, whoever delivers the
 * last one sends the sums, and the last answer opens the next step. Thread-safe.
 */
final class Steps {
  /* The weights are one array for all tasks. They are written between the last delivery of a step and the opening of the
   * next, when no task reads them. Arrays of summed gradients go back to the pool as soon as they were added, the sums
   * themselves when all answers are in, because shards in the same JVM work on them in place. */
  private final RunSpec spec;
  private final String executor;
  private final PsClient client;
  private final Gate gate;
  private final float[] weights;
  private final Queue<float[]> free = new ConcurrentLinkedQueue<>();
  private volatile Step now; // null until the first weights are there
  private volatile long kept = -1;

  /**
   * One step of this executor.
   *
   * @param end the run's last border, as far as is known: this one if {@code end == index}
   */
  record Step(long index, Leases leases, long end, TreeSum sum, AtomicInteger undelivered) {}

  Steps(RunSpec spec, String executor, PsClient client, Gate gate, float[] weights) {
    this.spec = spec;
    this.executor = executor;
    this.client = client;
    this.gate = gate;
    this.weights = weights;
  }

  /** Opens the first step; pulls its weights unless the run starts with them. */
  void begin(long firstStep, Leases leases) {
    boolean late = firstStep > 0 && firstStep < spec.totalSteps() && leases.countOn(executor) > 0;
    if (late) client.pull(firstStep, weights, same -> open(firstStep, leases, spec.totalSteps()));
    else open(firstStep, leases, spec.totalSteps());
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

  /** The weights with which the step starts are to be kept; before its last delivery. */
  void keep(Step step) {
    kept = step.index();
  }

  void deliver(Step step, int worker, float[] gradient, double lossSum, double denominator) {
    Floats sum = gradient == null ? null : Floats.of(gradient);
    step.sum().add(new Partial(Block.leaf(worker), sum, lossSum, denominator));
    if (step.undelivered().decrementAndGet() > 0) return;
    List<Partial> nodes = step.sum().nodes();
    boolean keep = kept == step.index();
    client.push(step.index(), keep, nodes, weights, border -> close(step, nodes, border));
  }

  private void close(Step step, List<Partial> nodes, Border border) {
    for (Partial p : nodes) if (p.sum() != null) free.add(p.sum().array());
    long index = step.index() + 1;
    Leases next = border == null ? null : border.leases();
    long end = border != null && border.end() ? index : step.end();
    open(index, next == null ? step.leases() : next, end);
  }

  private void open(long index, Leases leases, long end) {
    TreeSum sum = new TreeSum(spec.workers(), freed -> free.add(freed.array()));
    now = new Step(index, leases, end, sum, new AtomicInteger(leases.countOn(executor)));
    gate.changed();
  }
}
