package io.sparkgrad.optim;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Adam: torch.optim.Adam. Kingma and Ba, "Adam: a method for stochastic optimization", 2014,
 * arXiv:1412.6980; amsgrad from Reddi, Kale and Kumar, "On the convergence of Adam and beyond",
 * 2018.
 *
 * <pre>
 *   g = g + weightDecay w                    (-g first, if maximize)
 *   m = beta1 m + (1 - beta1) g              v = beta2 v + (1 - beta2) g g
 *   d = sqrt(v / (1 - beta2^t)) + eps        (amsgrad: the largest v so far instead of v)
 *   w = w - lr / (1 - beta1^t) m / d
 * </pre>
 */
public final class Adam extends Optimizer {
  private static final long serialVersionUID = 1L;

  private double lr;
  private double beta1 = 0.9;
  private double beta2 = 0.999;
  private double eps = 1e-8;
  private double weightDecay;
  private boolean amsgrad;
  private boolean maximize;
  private Schedule schedule = Schedule.CONSTANT;

  /** The paper's settings, a rate of 0.001. */
  public Adam() {
    this(1e-3);
  }

  public Adam(double lr) {
    this.lr = lr;
    checkSettings();
  }

  @Override
  protected void checkSettings() {
    valid(lr >= 0, "learning rate", lr);
    valid(eps >= 0, "epsilon value", eps);
    valid(beta1 >= 0 && beta1 < 1, "beta parameter at index 0", beta1);
    valid(beta2 >= 0 && beta2 < 1, "beta parameter at index 1", beta2);
    valid(weightDecay >= 0, "weight_decay value", weightDecay);
    Objects.requireNonNull(schedule, "schedule");
  }

  public Adam lr(double lr) {
    return with(this, r -> r.lr = lr);
  }

  /** How much of the running means of g and of g squared is kept at a step. */
  public Adam betas(double beta1, double beta2) {
    return with(
        this,
        r -> {
          r.beta1 = beta1;
          r.beta2 = beta2;
        });
  }

  /** Added to the denominator, so that a gradient of zero does not divide by zero. */
  public Adam eps(double eps) {
    return with(this, r -> r.eps = eps);
  }

  /** L2 penalty, added to the gradient. */
  public Adam weightDecay(double weightDecay) {
    return with(this, r -> r.weightDecay = weightDecay);
  }

  /** Divides by the largest mean of g squared so far, so that steps cannot grow again. */
  public Adam amsgrad() {
    return with(this, r -> r.amsgrad = true);
  }

  /** Climbs instead of descending. */
  public Adam maximize() {
    return with(this, r -> r.maximize = true);
  }

  @Override
  public Adam schedule(Schedule schedule) {
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
        "betas", List.of(beta1, beta2),
        "eps", eps,
        "weight_decay", weightDecay,
        "amsgrad", amsgrad,
        "maximize", maximize);
  }

  @Override
  public List<String> slots() {
    return amsgrad
        ? List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
        : List.of("exp_avg", "exp_avg_sq");
  }

  @Override
  protected void update(int n, double[] w, double[] g, double[][] slots, long step, double lr) {
    double[] mean = slots[0];
    double[] square = slots[1];
    for (int i = 0; i < n; i++) {
      double d = maximize ? -g[i] : g[i];
      if (weightDecay != 0) d += weightDecay * w[i]; // 0 times an infinite weight is NaN
      mean[i] = beta1 * mean[i] + (1 - beta1) * d;
      square[i] = beta2 * square[i] + (1 - beta2) * d * d;
    }
    if (amsgrad) {
      for (int i = 0; i < n; i++) slots[2][i] = Math.max(slots[2][i], square[i]);
      square = slots[2];
    }
    // The means start at zero; these undo their pull towards it.
    double rate = lr / (1 - Math.pow(beta1, step));
    double root = Math.sqrt(1 - Math.pow(beta2, step));
    for (int i = 0; i < n; i++) w[i] -= rate * mean[i] / (Math.sqrt(square[i]) / root + eps);
  }

  @Override
  protected String cuda() {
    return """
        T d = sign * g;
        if (weight_decay != 0) d += weight_decay * w;
        exp_avg = beta1 * exp_avg + add1 * d;
        exp_avg_sq = beta2 * exp_avg_sq + add2 * d * d;
        T square = exp_avg_sq;
        if (amsgrad != 0) {
          if (square < max_exp_avg_sq || max_exp_avg_sq != max_exp_avg_sq) square = max_exp_avg_sq;
          max_exp_avg_sq = square;
        }
        w -= rate * exp_avg / (sqrt(square) * stretch + eps);
        """;
  }

  @Override
  protected List<String> cudaSlots() {
    return List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq");
  }

  @Override
  protected Map<String, Double> cudaSettings(long step, double lr) {
    return numbers(
        "rate",
        lr / (1 - Math.pow(beta1, step)),
        "stretch",
        1 / Math.sqrt(1 - Math.pow(beta2, step)),
        "beta1",
        beta1,
        "add1",
        1 - beta1,
        "beta2",
        beta2,
        "add2",
        1 - beta2,
        "eps",
        eps,
        "weight_decay",
        weightDecay,
        "amsgrad",
        amsgrad,
        "sign",
        maximize ? -1 : 1);
  }
}
