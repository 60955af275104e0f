package io.sparkgrad.optim;

import java.util.List;

/**
 * A rule of Adam's family, which keeps a running mean of the gradient and one of its size.
 *
 * @param <R> the rule itself: what its settings return
 */
public abstract class MeansOptimizer<R extends MeansOptimizer<R>> extends StandardOptimizer<R> {
  private static final long serialVersionUID = 1L;

  private double beta1 = 0.9;
  private double beta2 = 0.999;
  private double eps = 1e-8;

  protected MeansOptimizer(double lr) {
    this(lr, 0);
  }

  protected MeansOptimizer(double lr, double weightDecay) {
    super(lr, weightDecay);
  }

  @Override
  protected void checkSettings() {
    super.checkSettings();
    valid(eps >= 0, "epsilon value", eps);
    valid(beta1 >= 0 && beta1 < 1, "beta parameter at index 0", beta1);
    valid(beta2 >= 0 && beta2 < 1, "beta parameter at index 1", beta2);
  }

  /** How much of the two running means is kept at a step. */
  public final R betas(double beta1, double beta2) {
    return with(
        r -> {
          MeansOptimizer<R> copy = r;
          copy.beta1 = beta1;
          copy.beta2 = beta2;
        });
  }

  /** Added to the denominator, so that a gradient of zero does not divide by zero. */
  public final R eps(double eps) {
    return with(r -> ((MeansOptimizer<R>) r).eps = eps);
  }

  protected final double beta1() {
    return beta1;
  }

  protected final double beta2() {
    return beta2;
  }

  protected final double eps() {
    return eps;
  }

  @Override
  public List<String> slots() {
    return List.of("exp_avg", "exp_avg_sq");
  }

  /**
   * The means start at zero: what the first of them, divided by this, has of its size at a step.
   */
  protected final double correction1(long step) {
    return 1 - StrictMath.pow(beta1, step);
  }

  /** As {@link #correction1}, of the second. */
  protected final double correction2(long step) {
    return 1 - StrictMath.pow(beta2, step);
  }
}
