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

  private final double lr;
  private final double beta1;
  private final double beta2;
  private final double eps;
  private final double weightDecay;
  private final boolean amsgrad;
  private final boolean maximize;
  private final Schedule schedule;

  /** The paper's settings, a rate of 0.001. */
  public Adam() {
    this(1e-3);
  }

  public Adam(double lr) {
    this(lr, 0.9, 0.999, 1e-8, 0, false, false, Schedule.CONSTANT);
  }

  private Adam(
      double lr,
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      boolean amsgrad,
      boolean maximize,
      Schedule schedule) {
    valid(lr >= 0, "learning rate", lr);
    valid(eps >= 0, "epsilon value", eps);
    valid(beta1 >= 0 && beta1 < 1, "beta parameter at index 0", beta1);
    valid(beta2 >= 0 && beta2 < 1, "beta parameter at index 1", beta2);
    valid(weightDecay >= 0, "weight_decay value", weightDecay);
    this.lr = lr;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.eps = eps;
    this.weightDecay = weightDecay;
    this.amsgrad = amsgrad;
    this.maximize = maximize;
    this.schedule = Objects.requireNonNull(schedule, "schedule");
  }

  public Adam lr(double lr) {
    return new Adam(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize, schedule);
  }

  /** How much of the running means of g and of g squared is kept at a step. */
  public Adam betas(double beta1, double beta2) {
    return new Adam(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize, schedule);
  }

  /** Added to the denominator, so that a gradient of zero does not divide by zero. */
  public Adam eps(double eps) {
    return new Adam(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize, schedule);
  }

  /** L2 penalty, added to the gradient. */
  public Adam weightDecay(double weightDecay) {
    return new Adam(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize, schedule);
  }

  /** Divides by the largest mean of g squared so far, so that steps cannot grow again. */
  public Adam amsgrad() {
    return new Adam(lr, beta1, beta2, eps, weightDecay, true, maximize, schedule);
  }

  /** Climbs instead of descending. */
  public Adam maximize() {
    return new Adam(lr, beta1, beta2, eps, weightDecay, amsgrad, true, schedule);
  }

  public Adam schedule(Schedule schedule) {
    return new Adam(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize, schedule);
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
