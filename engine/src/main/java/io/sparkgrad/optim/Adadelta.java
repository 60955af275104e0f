package io.sparkgrad.optim;

import java.util.List;
import java.util.Map;

/**
 * Adadelta: torch.optim.Adadelta. Zeiler, "ADADELTA: an adaptive learning rate method", 2012,
 * arXiv:1212.5701.
 *
 * <pre>
 *   v = rho v + (1 - rho) g g
 *   d = sqrt(u + eps) / sqrt(v + eps) g      u = rho u + (1 - rho) d d
 *   w = w - lr d
 * </pre>
 */
public final class Adadelta extends StandardOptimizer<Adadelta> {
  private static final long serialVersionUID = 1L;

  private double rho = 0.9;
  private double eps = 1e-6;

  public Adadelta(double lr) {
    super(lr);
  }

  @Override
  protected void checkSettings() {
    super.checkSettings();
    valid(rho >= 0 && rho <= 1, "rho value", rho);
    valid(eps >= 0, "epsilon value", eps);
  }

  /** How much of the running means of squared gradients and moves is kept at a step. */
  public Adadelta rho(double rho) {
    return with(r -> r.rho = rho);
  }

  /** Added under both roots, so that the first move is not 0. */
  public Adadelta eps(double eps) {
    return with(r -> r.eps = eps);
  }

  @Override
  public Map<String, Object> options() {
    return options(
        "lr", lr(),
        "rho", rho,
        "eps", eps,
        "weight_decay", weightDecay(),
        "maximize", maximizes());
  }

  @Override
  public List<String> slots() {
    return List.of("square_avg", "acc_delta");
  }

  @Override
  protected void update(int n, double[] w, double[] g, double[][] slots, long step, double lr) {
    double[] square = slots[0];
    double[] moves = slots[1];
    for (int i = 0; i < n; i++) {
      square[i] = rho * square[i] + (1 - rho) * g[i] * g[i];
      double move = Math.sqrt(moves[i] + eps) / Math.sqrt(square[i] + eps) * g[i];
      moves[i] = rho * moves[i] + (1 - rho) * move * move;
      w[i] -= lr * move;
    }
  }

  @Override
  protected String cuda() {
    return """
        square_avg = rho * square_avg + add * g * g;
        const T move = sqrt(acc_delta + eps) / sqrt(square_avg + eps) * g;
        acc_delta = rho * acc_delta + add * move * move;
        w -= lr * move;
        """;
  }

  @Override
  protected Map<String, Double> cudaSettings(long step, double lr) {
    return numbers("lr", lr, "rho", rho, "add", 1 - rho, "eps", eps);
  }
}
