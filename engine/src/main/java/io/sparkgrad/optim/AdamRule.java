package io.sparkgrad.optim;

import java.util.List;
import java.util.Map;

/**
 * The update of Adam and AdamW, which differ in what weight decay means.
 *
 * @param <R> the rule itself: what its settings return
 */
public abstract class AdamRule<R extends AdamRule<R>> extends MeansOptimizer<R> {
  private static final long serialVersionUID = 1L;

  private boolean amsgrad;

  AdamRule(double lr) {
    super(lr);
  }

  AdamRule(double lr, double weightDecay) {
    super(lr, weightDecay);
  }

  /** Divides by the largest mean of g squared so far, so that steps cannot grow again. */
  public final R amsgrad() {
    return with(r -> ((AdamRule<R>) r).amsgrad = true);
  }

  @Override
  public final Map<String, Object> options() {
    return options(
        "lr", lr(),
        "betas", List.of(beta1(), beta2()),
        "eps", eps(),
        "weight_decay", weightDecay(),
        "amsgrad", amsgrad,
        "maximize", maximizes());
  }

  @Override
  public final List<String> slots() {
    return amsgrad ? cudaSlots() : super.slots();
  }

  @Override
  protected final void update(
      int n, double[] w, double[] g, double[][] slots, long step, double lr) {
    double[] mean = slots[0];
    double[] square = slots[1];
    double beta1 = beta1();
    double beta2 = beta2();
    for (int i = 0; i < n; i++) {
      mean[i] = beta1 * mean[i] + (1 - beta1) * g[i];
      square[i] = beta2 * square[i] + (1 - beta2) * g[i] * g[i];
    }
    if (amsgrad) {
      for (int i = 0; i < n; i++) slots[2][i] = Math.max(slots[2][i], square[i]);
      square = slots[2];
    }
    double rate = lr / correction1(step);
    double root = Math.sqrt(correction2(step));
    double eps = eps();
    for (int i = 0; i < n; i++) w[i] -= rate * mean[i] / (Math.sqrt(square[i]) / root + eps);
  }

  @Override
  protected final String cuda() {
    return """
        exp_avg = beta1 * exp_avg + add1 * g;
        exp_avg_sq = beta2 * exp_avg_sq + add2 * g * g;
        T square = exp_avg_sq;
        if (amsgrad != 0) {
          if (square < max_exp_avg_sq || max_exp_avg_sq != max_exp_avg_sq) square = max_exp_avg_sq;
          max_exp_avg_sq = square;
        }
        w -= rate * exp_avg / (sqrt(square) * stretch + eps);
        """;
  }

  @Override
  protected final List<String> cudaSlots() {
    return List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq");
  }

  @Override
  protected final Map<String, Double> cudaSettings(long step, double lr) {
    return numbers(
        "rate",
        lr / correction1(step),
        "stretch",
        1 / Math.sqrt(correction2(step)),
        "beta1",
        beta1(),
        "add1",
        1 - beta1(),
        "beta2",
        beta2(),
        "add2",
        1 - beta2(),
        "eps",
        eps(),
        "amsgrad",
        amsgrad);
  }
}
