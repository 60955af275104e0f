package io.sparkgrad.optim;

import java.util.List;
import java.util.Map;

/**
 * Adagrad: torch.optim.Adagrad. Duchi, Hazan and Singer, "Adaptive subgradient methods for online
 * learning and stochastic optimization", 2011.
 *
 * <pre>
 *   s = s + g g
 *   w = w - lr / (1 + (t - 1) lrDecay) g / (sqrt(initialAccumulatorValue + s) + eps)
 * </pre>
 */
public final class Adagrad extends StandardOptimizer<Adagrad> {
  private static final long serialVersionUID = 1L;

  private double lrDecay;
  private double initialAccumulatorValue;
  private double eps = 1e-10;

  public Adagrad(double lr) {
    super(lr);
  }

  @Override
  protected void checkSettings() {
    super.checkSettings();
    valid(lrDecay >= 0, "lr_decay value", lrDecay);
    valid(initialAccumulatorValue >= 0, "initial_accumulator_value value", initialAccumulatorValue);
    valid(eps >= 0, "epsilon value", eps);
  }

  @Override
  protected boolean takesSparse() {
    return true;
  }

  @Override
  protected boolean movesRowsAlone() {
    return weightDecay() == 0;
  }

  /** Lowers the rate with the steps: lr / (1 + (t - 1) lrDecay) at step t. */
  public Adagrad lrDecay(double lrDecay) {
    return with(r -> r.lrDecay = lrDecay);
  }

  /** Added to the sum of squares: PyTorch's sum starts from it. */
  public Adagrad initialAccumulatorValue(double initialAccumulatorValue) {
    return with(r -> r.initialAccumulatorValue = initialAccumulatorValue);
  }

  /** Added to the denominator, so that a gradient of zero does not divide by zero. */
  public Adagrad eps(double eps) {
    return with(r -> r.eps = eps);
  }

  @Override
  public Map<String, Object> options() {
    return options(
        "lr",
        lr(),
        "lr_decay",
        lrDecay,
        "eps",
        eps,
        "weight_decay",
        weightDecay(),
        "initial_accumulator_value",
        initialAccumulatorValue,
        "maximize",
        maximizes());
  }

  @Override
  public List<String> slots() {
    return List.of("sum");
  }

  @Override
  protected void update(int n, double[] w, double[] g, double[][] slots, long step, double lr) {
    double[] sum = slots[0];
    double rate = rateAt(step, lr);
    for (int i = 0; i < n; i++) {
      sum[i] += g[i] * g[i];
      w[i] -= rate * g[i] / (Math.sqrt(initialAccumulatorValue + sum[i]) + eps);
    }
  }

  private double rateAt(long step, double lr) {
    return lr / (1 + (step - 1) * lrDecay);
  }

  @Override
  protected String cuda() {
    return """
        sum += g * g;
        w -= rate * g / (sqrt(initial + sum) + eps);
        """;
  }

  @Override
  protected Map<String, Double> cudaSettings(long step, double lr) {
    return numbers("rate", rateAt(step, lr), "initial", initialAccumulatorValue, "eps", eps);
  }
}
