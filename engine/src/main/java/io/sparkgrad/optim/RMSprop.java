package io.sparkgrad.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * RMSprop: torch.optim.RMSprop. Tieleman and Hinton, lecture 6.5 of "Neural networks for machine
 * learning", 2012; centered from Graves, 2013, arXiv:1308.0850.
 *
 * <pre>
 *   g = g + weightDecay w                    (-g first, if maximize)
 *   v = alpha v + (1 - alpha) g g            (centered: a = alpha a + (1 - alpha) g)
 *   d = sqrt(v) + eps                        (centered: sqrt(v - a a) + eps)
 *   w = w - lr g / d                         (momentum: b = momentum b + g / d, w = w - lr b)
 * </pre>
 */
public final class RMSprop extends Optimizer {
  private static final long serialVersionUID = 1L;

  private double lr;
  private double alpha = 0.99;
  private double eps = 1e-8;
  private double weightDecay;
  private double momentum;
  private boolean centered;
  private boolean maximize;
  private Schedule schedule = Schedule.CONSTANT;

  public RMSprop(double lr) {
    this.lr = lr;
    checkSettings();
  }

  @Override
  protected void checkSettings() {
    valid(lr >= 0, "learning rate", lr);
    valid(eps >= 0, "epsilon value", eps);
    valid(momentum >= 0, "momentum value", momentum);
    valid(weightDecay >= 0, "weight_decay value", weightDecay);
    valid(alpha >= 0, "alpha value", alpha);
    Objects.requireNonNull(schedule, "schedule");
  }

  public RMSprop lr(double lr) {
    return with(this, r -> r.lr = lr);
  }

  /** How much of the running mean of g squared is kept at a step. */
  public RMSprop alpha(double alpha) {
    return with(this, r -> r.alpha = alpha);
  }

  /** Added to the denominator, so that a gradient of zero does not divide by zero. */
  public RMSprop eps(double eps) {
    return with(this, r -> r.eps = eps);
  }

  /** L2 penalty, added to the gradient. */
  public RMSprop weightDecay(double weightDecay) {
    return with(this, r -> r.weightDecay = weightDecay);
  }

  public RMSprop momentum(double momentum) {
    return with(this, r -> r.momentum = momentum);
  }

  /** Divides by the deviation of g instead of its root mean square. */
  public RMSprop centered() {
    return with(this, r -> r.centered = true);
  }

  /** Climbs instead of descending. */
  public RMSprop maximize() {
    return with(this, r -> r.maximize = true);
  }

  @Override
  public RMSprop schedule(Schedule schedule) {
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
        "alpha", alpha,
        "eps", eps,
        "centered", centered,
        "weight_decay", weightDecay,
        "maximize", maximize);
  }

  @Override
  public List<String> slots() {
    List<String> slots = new ArrayList<>(List.of("square_avg"));
    if (momentum > 0) slots.add("momentum_buffer");
    if (centered) slots.add("grad_avg");
    return slots;
  }

  @Override
  protected void update(int n, double[] w, double[] g, double[][] slots, long step, double lr) {
    double[] square = slots[0];
    double[] buffer = momentum > 0 ? slots[1] : null;
    double[] mean = centered ? slots[slots.length - 1] : null;
    for (int i = 0; i < n; i++) {
      double d = maximize ? -g[i] : g[i];
      if (weightDecay != 0) d += weightDecay * w[i];
      square[i] = alpha * square[i] + (1 - alpha) * d * d;
      double variance = square[i];
      if (mean != null) {
        mean[i] = alpha * mean[i] + (1 - alpha) * d;
        variance -= mean[i] * mean[i];
      }
      double move = d / (Math.sqrt(variance) + eps);
      if (buffer != null) move = buffer[i] = momentum * buffer[i] + move;
      w[i] -= lr * move;
    }
  }

  @Override
  protected String cuda() {
    return """
        T d = sign * g;
        if (weight_decay != 0) d += weight_decay * w;
        square_avg = alpha * square_avg + add * d * d;
        T variance = square_avg;
        if (centered != 0) {
          grad_avg = alpha * grad_avg + add * d;
          variance -= grad_avg * grad_avg;
        }
        T move = d / (sqrt(variance) + eps);
        if (momentum > 0) move = momentum_buffer = momentum * momentum_buffer + move;
        w -= lr * move;
        """;
  }

  @Override
  protected List<String> cudaSlots() {
    return List.of("square_avg", "momentum_buffer", "grad_avg");
  }

  @Override
  protected Map<String, Double> cudaSettings(long step, double lr) {
    return numbers(
        "lr", lr,
        "momentum", momentum,
        "alpha", alpha,
        "add", 1 - alpha,
        "eps", eps,
        "centered", centered,
        "weight_decay", weightDecay,
        "sign", maximize ? -1 : 1);
  }
}
