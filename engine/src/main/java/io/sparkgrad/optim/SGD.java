package io.sparkgrad.optim;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Stochastic gradient descent: torch.optim.SGD. Robbins and Monro, "A stochastic approximation
 * method", 1951; Nesterov's momentum as in Sutskever et al., "On the importance of initialization
 * and momentum in deep learning", 2013.
 *
 * <pre>
 *   g = g + weightDecay w                    (-g first, if maximize)
 *   b = g at the first step, then momentum b + (1 - dampening) g
 *   g = b, with nesterov g + momentum b      (if momentum is not 0)
 *   w = w - lr g
 * </pre>
 */
public final class SGD extends Optimizer {
  private static final long serialVersionUID = 1L;

  private double lr;
  private double momentum;
  private double dampening;
  private double weightDecay;
  private boolean nesterov;
  private boolean maximize;
  private Schedule schedule = Schedule.CONSTANT;

  public SGD(double lr) {
    this.lr = lr;
    checkSettings();
  }

  @Override
  protected void checkSettings() {
    valid(lr >= 0, "learning rate", lr);
    valid(momentum >= 0, "momentum value", momentum);
    valid(!Double.isNaN(dampening), "dampening value", dampening);
    valid(weightDecay >= 0, "weight_decay value", weightDecay);
    if (nesterov && (momentum == 0 || dampening != 0))
      throw new IllegalArgumentException(
          "Nesterov momentum requires a momentum and zero dampening");
    Objects.requireNonNull(schedule, "schedule");
  }

  @Override
  protected boolean takesSparse() {
    return true;
  }

  @Override
  protected boolean movesRowsAlone() {
    return momentum == 0 && weightDecay == 0;
  }

  public SGD lr(double lr) {
    return with(this, r -> r.lr = lr);
  }

  /** How much of the last step goes on in this one. */
  public SGD momentum(double momentum) {
    return with(this, r -> r.momentum = momentum);
  }

  /** The part of the gradient that momentum leaves out (dampening), from the second step on. */
  public SGD dampening(double dampening) {
    return with(this, r -> r.dampening = dampening);
  }

  /** Looks one momentum ahead; set the momentum first. */
  public SGD nesterov() {
    return with(this, r -> r.nesterov = true);
  }

  /** L2 penalty, added to the gradient. */
  public SGD weightDecay(double weightDecay) {
    return with(this, r -> r.weightDecay = weightDecay);
  }

  /** Climbs instead of descending. */
  public SGD maximize() {
    return with(this, r -> r.maximize = true);
  }

  @Override
  public SGD schedule(Schedule schedule) {
    return with(this, r -> r.schedule = schedule);
  }

  @Override
  public double lr() {
    return lr;
  }

  @Override
  public Schedule schedule() {
    return schedule;
  }

  @Override
  public Map<String, Object> options() {
    return options(
        "lr", lr,
        "momentum", momentum,
        "dampening", dampening,
        "weight_decay", weightDecay,
        "nesterov", nesterov,
        "maximize", maximize);
  }

  @Override
  public List<String> slots() {
    return momentum == 0 ? List.of() : List.of("momentum_buffer");
  }

  @Override
  protected void update(int n, double[] w, double[] g, double[][] slots, long step, double lr) {
    for (int i = 0; i < n; i++) {
      if (maximize) g[i] = -g[i];
      if (weightDecay != 0) g[i] += weightDecay * w[i]; // 0 times an infinite weight is NaN
    }
    if (momentum != 0) addMomentum(n, g, slots[0], step);
    for (int i = 0; i < n; i++) w[i] -= lr * g[i];
  }

  /* By way of double it took 0.26 ms for 79,510 numbers with momentum, this takes 0.011 ms: as long as no number is
   * subnormal, which costs a processor a hundred times as much. A weight whose gradient has become 0 (a pixel that is
   * black from some step on) would keep its momentum there for good: 0.9 times a few of the smallest floats is as many. */
  private static final float NOTHING = 1e-30f;

  private static final long SWEEP_STEPS = 64;

  @Override
  protected boolean updateFloats(
      int from, int end, float[] w, float[] g, float[][] slots, long step, double lr) {
    if (maximize || nesterov || weightDecay != 0) return false;
    float rate = (float) lr;
    if (momentum == 0) { // rounded once, as a step by hand, w.sub_(g, lr), is
      for (int i = from; i < end; i++) w[i] = Math.fma(g[i], -rate, w[i]);
      return true;
    }
    float[] buffer = slots[0];
    float keep = step == 1 ? 0 : (float) momentum;
    float add = step == 1 ? 1 : (float) (1 - dampening);
    for (int i = from; i < end; i++) {
      float b = keep * buffer[i] + add * g[i];
      buffer[i] = b;
      w[i] -= rate * b;
    }
    if (step % SWEEP_STEPS == 0)
      for (int i = from; i < end; i++) if (Math.abs(buffer[i]) < NOTHING) buffer[i] = 0;
    return true;
  }

  private void addMomentum(int n, double[] g, double[] buffer, long step) {
    // The first gradient enters whole, as in PyTorch: a new buffer is a copy of it.
    double keep = step == 1 ? 0 : momentum;
    double add = step == 1 ? 1 : 1 - dampening;
    for (int i = 0; i < n; i++) {
      buffer[i] = keep * buffer[i] + add * g[i];
      g[i] = nesterov ? g[i] + momentum * buffer[i] : buffer[i];
    }
  }

  @Override
  protected String cuda() {
    return """
        T d = sign * g;
        if (weight_decay != 0) d += weight_decay * w;
        if (momentum != 0) {
          momentum_buffer = keep * momentum_buffer + add * d;
          d = nesterov != 0 ? d + momentum * momentum_buffer : momentum_buffer;
        }
        w -= lr * d;
        """;
  }

  @Override
  protected List<String> cudaSlots() {
    return List.of("momentum_buffer");
  }

  @Override
  protected Map<String, Double> cudaSettings(long step, double lr) {
    return numbers(
        "lr", lr,
        "momentum", momentum,
        "keep", step == 1 ? 0 : momentum,
        "add", step == 1 ? 1 : 1 - dampening,
        "weight_decay", weightDecay,
        "nesterov", nesterov,
        "sign", maximize ? -1 : 1);
  }
}
