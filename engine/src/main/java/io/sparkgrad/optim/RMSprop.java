package io.sparkgrad.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * RMSprop: torch.optim.RMSprop. Tieleman and Hinton, lecture 6.5 of "Neural networks for machine
 * learning", 2012; centered from Graves, 2013, arXiv:1308.0850.
 *
 * <pre>
 *   v = alpha v + (1 - alpha) g g            (centered: a = alpha a + (1 - alpha) g)
 *   d = sqrt(v) + eps                        (centered: sqrt(v - a a) + eps)
 *   w = w - lr g / d                         (momentum: b = momentum b + g / d, w = w - lr b)
 * </pre>
 */
public final class RMSprop extends StandardOptimizer<RMSprop> {
  private static final long serialVersionUID = 1L;

  private double alpha = 0.99;
  private double eps = 1e-8;
  private double momentum;
  private boolean centered;

  public RMSprop(double lr) {
    super(lr);
  }

  @Override
  protected void checkSettings() {
    super.checkSettings();
    valid(eps >= 0, "epsilon value", eps);
    valid(momentum >= 0, "momentum value", momentum);
    valid(alpha >= 0, "alpha value", alpha);
  }

  /** How much of the running mean of g squared is kept at a step. */
  public RMSprop alpha(double alpha) {
    return with(r -> r.alpha = alpha);
  }

  /** Added to the denominator, so that a gradient of zero does not divide by zero. */
  public RMSprop eps(double eps) {
    return with(r -> r.eps = eps);
  }

  public RMSprop momentum(double momentum) {
    return with(r -> r.momentum = momentum);
  }

  /** Divides by the deviation of g instead of its root mean square. */
  public RMSprop centered() {
    return with(r -> r.centered = true);
  }

  @Override
  public Map<String, Object> options() {
    return options(
        "lr", lr(),
        "momentum", momentum,
        "alpha", alpha,
        "eps", eps,
        "centered", centered,
        "weight_decay", weightDecay(),
        "maximize", maximizes());
  }

  @Override
  public List<String> slots() {
    List<String> slots = new ArrayList<>(List.of("square_avg"));
    if (momentum > 0) slots.add("momentum_buffer");
    if (centered) slots.add("grad_avg");
    return slots;
  }

  @Override
  protected void update(int n, double[] w, double[] g, double[][] slots, long step, double lr) {
    double[] square = slots[0];
    double[] buffer = momentum > 0 ? slots[1] : null;
    double[] mean = centered ? slots[slots.length - 1] : null;
    for (int i = 0; i < n; i++) {
      double d = g[i];
      square[i] = alpha * square[i] + (1 - alpha) * d * d;
      double variance = square[i];
      if (mean != null) {
        mean[i] = alpha * mean[i] + (1 - alpha) * d;
        variance -= mean[i] * mean[i];
      }
      double move = d / (Math.sqrt(variance) + eps);
      if (buffer != null) move = buffer[i] = momentum * buffer[i] + move;
      w[i] -= lr * move;
    }
  }

  @Override
  protected String cuda() {
    return """
        square_avg = alpha * square_avg + add * g * g;
        T variance = square_avg;
        if (centered != 0) {
          grad_avg = alpha * grad_avg + add * g;
          variance -= grad_avg * grad_avg;
        }
        T move = g / (sqrt(variance) + eps);
        if (momentum > 0) move = momentum_buffer = momentum * momentum_buffer + move;
        w -= lr * move;
        """;
  }

  @Override
  protected List<String> cudaSlots() {
    return List.of("square_avg", "momentum_buffer", "grad_avg");
  }

  @Override
  protected Map<String, Double> cudaSettings(long step, double lr) {
    return numbers(
        "lr", lr,
        "momentum", momentum,
        "alpha", alpha,
        "add", 1 - alpha,
        "eps", eps,
        "centered", centered);
  }
}
