package io.sparkgrad.optim;

import java.util.List;
import java.util.Map;

/**
 * Adamax: torch.optim.Adamax; Adam by the largest instead of the mean square. Kingma and Ba, "Adam:
 * a method for stochastic optimization", 2014, arXiv:1412.6980, section 7.
 *
 * <pre>
 *   m = beta1 m + (1 - beta1) g              u = max(beta2 u, |g| + eps)
 *   w = w - lr / (1 - beta1^t) m / u
 * </pre>
 */
public final class Adamax extends MeansOptimizer<Adamax> {
  private static final long serialVersionUID = 1L;

  public Adamax(double lr) {
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

  @Override
  public List<String> slots() {
    return List.of("exp_avg", "exp_inf");
  }

  @Override
  protected void update(int n, double[] w, double[] g, double[][] slots, long step, double lr) {
    double[] mean = slots[0];
    double[] largest = slots[1];
    double rate = lr / correction1(step);
    for (int i = 0; i < n; i++) {
      mean[i] = beta1() * mean[i] + (1 - beta1()) * g[i];
      largest[i] = Math.max(beta2() * largest[i], Math.abs(g[i]) + eps());
      w[i] -= rate * mean[i] / largest[i];
    }
  }

  @Override
  protected String cuda() {
    return """
        exp_avg = beta1 * exp_avg + add1 * g;
        const T kept = beta2 * exp_inf;
        exp_inf = (g < 0 ? -g : g) + eps;
        if (exp_inf < kept || kept != kept) exp_inf = kept;
        w -= rate * exp_avg / exp_inf;
        """;
  }

  @Override
  protected Map<String, Double> cudaSettings(long step, double lr) {
    return numbers(
        "rate", lr / correction1(step),
        "beta1", beta1(),
        "add1", 1 - beta1(),
        "beta2", beta2(),
        "eps", eps());
  }
}
