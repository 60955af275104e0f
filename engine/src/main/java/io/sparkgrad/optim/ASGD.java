package io.sparkgrad.optim;

import java.util.List;
import java.util.Map;

/**
 * Averaged stochastic gradient descent: torch.optim.ASGD, but that under a schedule a step has its
 * own rate, not that of the step before. Polyak and Juditsky, "Acceleration of stochastic
 * approximation by averaging", 1992.
 *
 * <pre>
 *   r = lr / (1 + lambd lr (t - 1))^alpha
 *   w = w - r lambd w - r g
 *   a = a + (w - a) / max(1, t - 1 - t0)     (the average of w, in the slot ax)
 * </pre>
 */
public final class ASGD extends StandardOptimizer<ASGD> {
  private static final long serialVersionUID = 1L;

  private double lambd = 1e-4;
  private double alpha = 0.75;
  private double t0 = 1e6;

  public ASGD(double lr) {
    super(lr);
  }

  @Override
  protected void checkSettings() {
    super.checkSettings();
    valid(!Double.isNaN(lambd), "lambd value", lambd);
    valid(!Double.isNaN(alpha), "alpha value", alpha);
    valid(!Double.isNaN(t0), "t0 value", t0);
  }

  /** How fast weights decay, and the rate falls. */
  public ASGD lambd(double lambd) {
    return with(r -> r.lambd = lambd);
  }

  /** The power by which the rate falls. */
  public ASGD alpha(double alpha) {
    return with(r -> r.alpha = alpha);
  }

  /** The step after which the average begins. */
  public ASGD t0(double t0) {
    return with(r -> r.t0 = t0);
  }

  @Override
  public Map<String, Object> options() {
    return options(
        "lr",
        lr(),
        "lambd",
        lambd,
        "alpha",
        alpha,
        "t0",
        t0,
        "weight_decay",
        weightDecay(),
        "maximize",
        maximizes());
  }

  @Override
  public List<String> slots() {
    return List.of("ax");
  }

  private double rateAt(long step, double lr) {
    return lr / StrictMath.pow(1 + lambd * lr * (step - 1), alpha);
  }

  private double share(long step) {
    return 1 / Math.max(1, step - 1 - t0);
  }

  @Override
  protected void update(int n, double[] w, double[] g, double[][] slots, long step, double lr) {
    double[] average = slots[0];
    double rate = rateAt(step, lr);
    double keep = 1 - lambd * rate;
    double share = share(step);
    for (int i = 0; i < n; i++) {
      w[i] = w[i] * keep - rate * g[i];
      average[i] = share == 1 ? w[i] : average[i] + (w[i] - average[i]) * share;
    }
  }

  @Override
  protected String cuda() {
    return """
        w = w * keep - rate * g;
        ax = share == 1 ? w : ax + (w - ax) * share;
        """;
  }

  @Override
  protected Map<String, Double> cudaSettings(long step, double lr) {
    double rate = rateAt(step, lr);
    return numbers("rate", rate, "keep", 1 - lambd * rate, "share", share(step));
  }
}
