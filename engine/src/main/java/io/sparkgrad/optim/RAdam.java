package io.sparkgrad.optim;

import java.util.List;
import java.util.Map;

/**
 * RAdam: torch.optim.RAdam; Adam that waits until its mean of squares can be trusted. Liu et al.,
 * "On the variance of the adaptive learning rate and beyond", 2019, arXiv:1908.03265.
 *
 * <pre>
 *   m = beta1 m + (1 - beta1) g              v = beta2 v + (1 - beta2) g g
 *   q = 2 / (1 - beta2) - 1                  p = q - 2 t beta2^t / (1 - beta2^t)
 *   r = sqrt((p - 4) (p - 2) q / ((q - 4) (q - 2) p))
 *   w = w - lr / (1 - beta1^t) m r sqrt(1 - beta2^t) / (sqrt(v) + eps)      (p > 5)
 *   w = w - lr / (1 - beta1^t) m                                            (else)
 * </pre>
 */
public final class RAdam extends MeansOptimizer<RAdam> {
  private static final long serialVersionUID = 1L;

  public RAdam(double lr) {
    super(lr);
  }

  @Override
  public Map<String, Object> options() {
    return options(
        "lr", lr(),
        "betas", List.of(beta1(), beta2()),
        "eps", eps(),
        "weight_decay", weightDecay(),
        "maximize", maximizes());
  }

  /* r sqrt(1 - beta2^t), or 0 where the step is not divided by the root of v. */
  private double rectification(long step) {
    double whole = 2 / (1 - beta2()) - 1;
    double length = whole - 2 * step * StrictMath.pow(beta2(), step) / correction2(step);
    if (!(length > 5)) return 0;
    double top = (length - 4) * (length - 2) * whole;
    double bottom = (whole - 4) * (whole - 2) * length;
    return Math.sqrt(top / bottom) * Math.sqrt(correction2(step));
  }

  @Override
  protected void update(int n, double[] w, double[] g, double[][] slots, long step, double lr) {
    double[] mean = slots[0];
    double[] square = slots[1];
    double rate = lr / correction1(step);
    double rectification = rectification(step);
    for (int i = 0; i < n; i++) {
      mean[i] = beta1() * mean[i] + (1 - beta1()) * g[i];
      square[i] = beta2() * square[i] + (1 - beta2()) * g[i] * g[i];
      double move = rate * mean[i];
      if (rectification > 0) move *= rectification / (Math.sqrt(square[i]) + eps());
      w[i] -= move;
    }
  }

  @Override
  protected String cuda() {
    return """
        exp_avg = beta1 * exp_avg + add1 * g;
        exp_avg_sq = beta2 * exp_avg_sq + add2 * g * g;
        T move = rate * exp_avg;
        if (rectification > 0) move *= rectification / (sqrt(exp_avg_sq) + eps);
        w -= move;
        """;
  }

  @Override
  protected Map<String, Double> cudaSettings(long step, double lr) {
    return numbers(
        "rate", lr / correction1(step),
        "rectification", rectification(step),
        "beta1", beta1(),
        "add1", 1 - beta1(),
        "beta2", beta2(),
        "add2", 1 - beta2(),
        "eps", eps());
  }
}
