package io.sparkgrad.optim;

import java.util.List;
import java.util.Map;

/**
 * NAdam: torch.optim.NAdam; Adam that looks one momentum ahead. Dozat, "Incorporating Nesterov
 * momentum into Adam", 2016.
 *
 * <pre>
 *   m = beta1 m + (1 - beta1) g              v = beta2 v + (1 - beta2) g g
 *   mu_t = beta1 (1 - 0.96^(t momentumDecay) / 2)       d = sqrt(v / (1 - beta2^t)) + eps
 *   w = w - lr (1 - mu_t) / (1 - p_t) g / d - lr mu_(t+1) / (1 - p_t mu_t mu_(t+1)) m / d
 * </pre>
 *
 * where p_t is the product of mu_1 to mu_t. (The paper has p_t mu_(t+1) in the last quotient.)
 */
public final class NAdam extends MeansOptimizer<NAdam> {
  private static final long serialVersionUID = 1L;

  private double momentumDecay = 4e-3;
  private transient volatile Product last;

  /** The product of mu up to a step, which the next step goes on from. */
  private record Product(double beta1, double momentumDecay, long step, double value) {}

  public NAdam(double lr) {
    super(lr);
  }

  @Override
  protected void checkSettings() {
    super.checkSettings();
    valid(momentumDecay >= 0, "momentum_decay value", momentumDecay);
  }

  /** How fast the momentum rises from half of beta1 to beta1. */
  public NAdam momentumDecay(double momentumDecay) {
    return with(r -> r.momentumDecay = momentumDecay);
  }

  @Override
  public Map<String, Object> options() {
    return options(
        "lr", lr(),
        "betas", List.of(beta1(), beta2()),
        "eps", eps(),
        "weight_decay", weightDecay(),
        "momentum_decay", momentumDecay,
        "maximize", maximizes());
  }

  private double mu(long step) {
    return beta1() * (1 - 0.5 * StrictMath.pow(0.96, step * momentumDecay));
  }

  /* From the first step on, so that the bits do not depend on what was asked for before. */
  private double product(long step) {
    Product from = last;
    boolean goesOn =
        from != null
            && from.beta1 == beta1()
            && from.momentumDecay == momentumDecay
            && from.step <= step;
    if (goesOn && from.step == step) return from.value;
    double value = goesOn ? from.value : 1;
    for (long t = goesOn ? from.step + 1 : 1; t <= step && value > 0; t++) value *= mu(t);
    last = new Product(beta1(), momentumDecay, step, value);
    return value;
  }

  private double rateOfGradient(long step, double lr) {
    return lr * (1 - mu(step)) / (1 - product(step));
  }

  private double rateOfMean(long step, double lr) {
    double next = mu(step + 1);
    return lr * next / (1 - product(step) * mu(step) * next);
  }

  @Override
  protected void update(int n, double[] w, double[] g, double[][] slots, long step, double lr) {
    double[] mean = slots[0];
    double[] square = slots[1];
    double ofGradient = rateOfGradient(step, lr);
    double ofMean = rateOfMean(step, lr);
    double correction = correction2(step);
    for (int i = 0; i < n; i++) {
      mean[i] = beta1() * mean[i] + (1 - beta1()) * g[i];
      square[i] = beta2() * square[i] + (1 - beta2()) * g[i] * g[i];
      double d = Math.sqrt(square[i] / correction) + eps();
      w[i] -= ofGradient * g[i] / d;
      w[i] -= ofMean * mean[i] / d;
    }
  }

  @Override
  protected String cuda() {
    return """
        exp_avg = beta1 * exp_avg + add1 * g;
        exp_avg_sq = beta2 * exp_avg_sq + add2 * g * g;
        const T d = sqrt(exp_avg_sq) * stretch + eps;
        w -= of_gradient * g / d;
        w -= of_mean * exp_avg / d;
        """;
  }

  @Override
  protected Map<String, Double> cudaSettings(long step, double lr) {
    return numbers(
        "of_gradient", rateOfGradient(step, lr),
        "of_mean", rateOfMean(step, lr),
        "stretch", 1 / Math.sqrt(correction2(step)),
        "beta1", beta1(),
        "add1", 1 - beta1(),
        "beta2", beta2(),
        "add2", 1 - beta2(),
        "eps", eps());
  }
}
