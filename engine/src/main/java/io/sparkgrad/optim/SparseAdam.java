package io.sparkgrad.optim;

import java.util.List;
import java.util.Map;

/**
 * SparseAdam: torch.optim.SparseAdam; Adam for gradients of few rows, lazily: a step leaves the
 * others, and their means, as they are. Other gradients are taken as gradients of all rows.
 *
 * <pre>
 *   m = beta1 m + (1 - beta1) g              v = beta2 v + (1 - beta2) g g
 *   w = w - lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps)
 * </pre>
 */
public final class SparseAdam extends MeansOptimizer<SparseAdam> {
  private static final long serialVersionUID = 1L;

  public SparseAdam(double lr) {
    super(lr);
  }

  @Override
  protected boolean takesSparse() {
    return true;
  }

  @Override
  protected boolean movesRowsAlone() {
    return weightDecay() == 0;
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

  private double rate(long step, double lr) {
    return lr * Math.sqrt(correction2(step)) / correction1(step);
  }

  @Override
  protected void update(int n, double[] w, double[] g, double[][] slots, long step, double lr) {
    double[] mean = slots[0];
    double[] square = slots[1];
    double rate = rate(step, lr);
    for (int i = 0; i < n; i++) {
      mean[i] = beta1() * mean[i] + (1 - beta1()) * g[i];
      square[i] = beta2() * square[i] + (1 - beta2()) * g[i] * g[i];
      w[i] -= rate * mean[i] / (Math.sqrt(square[i]) + eps());
    }
  }

  @Override
  protected String cuda() {
    return """
        exp_avg = beta1 * exp_avg + add1 * g;
        exp_avg_sq = beta2 * exp_avg_sq + add2 * g * g;
        w -= rate * exp_avg / (sqrt(exp_avg_sq) + eps);
        """;
  }

  @Override
  protected Map<String, Double> cudaSettings(long step, double lr) {
    return numbers(
        "rate", rate(step, lr),
        "beta1", beta1(),
        "add1", 1 - beta1(),
        "beta2", beta2(),
        "add2", 1 - beta2(),
        "eps", eps());
  }
}
