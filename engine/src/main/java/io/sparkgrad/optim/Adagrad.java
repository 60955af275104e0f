package io.sparkgrad.optim;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Adagrad: torch.optim.Adagrad. Duchi, Hazan and Singer, "Adaptive subgradient methods for online
 * learning and stochastic optimization", 2011.
 *
 * <pre>
 *   g = g + weightDecay w                    (-g first, if maximize)
 *   s = s + g g                              (s = initialAccumulatorValue before the first step)
 *   w = w - lr / (1 + (t - 1) lrDecay) g / (sqrt(s) + eps)
 * </pre>
 */
public final class Adagrad extends Optimizer {
  private static final long serialVersionUID = 1L;

  private double lr;
  private double lrDecay;
  private double weightDecay;
  private double initialAccumulatorValue;
  private double eps = 1e-10;
  private boolean maximize;
  private Schedule schedule = Schedule.CONSTANT;

  public Adagrad(double lr) {
    this.lr = lr;
    checkSettings();
  }

  @Override
  protected void checkSettings() {
    valid(lr >= 0, "learning rate", lr);
    valid(lrDecay >= 0, "lr_decay value", lrDecay);
    valid(weightDecay >= 0, "weight_decay value", weightDecay);
    valid(initialAccumulatorValue >= 0, "initial_accumulator_value value", initialAccumulatorValue);
    valid(eps >= 0, "epsilon value", eps);
    Objects.requireNonNull(schedule, "schedule");
  }

  @Override
  protected boolean takesSparse() {
    return true;
  }

  @Override
  protected boolean movesRowsAlone() {
    return weightDecay == 0;
  }

  public Adagrad lr(double lr) {
    return with(this, r -> r.lr = lr);
  }

  /** Lowers the rate with the steps: lr / (1 + (t - 1) lrDecay) at step t. */
  public Adagrad lrDecay(double lrDecay) {
    return with(this, r -> r.lrDecay = lrDecay);
  }

  /** L2 penalty, added to the gradient. */
  public Adagrad weightDecay(double weightDecay) {
    return with(this, r -> r.weightDecay = weightDecay);
  }

  /** The sum of squares before the first step. */
  public Adagrad initialAccumulatorValue(double initialAccumulatorValue) {
    return with(this, r -> r.initialAccumulatorValue = initialAccumulatorValue);
  }

  /** Added to the denominator, so that a gradient of zero does not divide by zero. */
  public Adagrad eps(double eps) {
    return with(this, r -> r.eps = eps);
  }

  /** Climbs instead of descending. */
  public Adagrad maximize() {
    return with(this, r -> r.maximize = true);
  }

  @Override
  public Adagrad schedule(Schedule schedule) {
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
        "lr_decay", lrDecay,
        "eps", eps,
        "weight_decay", weightDecay,
        "initial_accumulator_value", initialAccumulatorValue,
        "maximize", maximize);
  }

  @Override
  public List<String> slots() {
    return List.of("sum");
  }

  @Override
  protected void update(int n, double[] w, double[] g, double[][] slots, long step, double lr) {
    double[] sum = slots[0];
    double first = step == 1 ? initialAccumulatorValue : 0;
    double rate = rateAt(step, lr);
    for (int i = 0; i < n; i++) {
      double d = maximize ? -g[i] : g[i];
      if (weightDecay != 0) d += weightDecay * w[i]; // 0 times an infinite weight is NaN
      sum[i] = first + sum[i] + d * d;
      w[i] -= rate * d / (Math.sqrt(sum[i]) + eps);
    }
  }

  private double rateAt(long step, double lr) {
    return lr / (1 + (step - 1) * lrDecay);
  }

  @Override
  protected String cuda() {
    return """
        T d = sign * g;
        if (weight_decay != 0) d += weight_decay * w;
        sum = first + sum + d * d;
        w -= rate * d / (sqrt(sum) + eps);
        """;
  }

  @Override
  protected Map<String, Double> cudaSettings(long step, double lr) {
    return numbers(
        "rate",
        rateAt(step, lr),
        "first",
        step == 1 ? initialAccumulatorValue : 0,
        "eps",
        eps,
        "weight_decay",
        weightDecay,
        "sign",
        maximize ? -1 : 1);
  }
}
