package io.sparkgrad.optim;

import java.util.List;
import java.util.Map;

/**
 * FTRL-Proximal, for sparse linear models: weights that the data does not ask for are exactly 0.
 * McMahan et al., "Ad click prediction: a view from the trenches", 2013; lr is its alpha.
 *
 * <pre>
 *   z = z + g - (sqrt(n + g g) - sqrt(n)) / lr w        n = n + g g
 *   w = 0 where |z| is at most l1, else -(z - sign(z) l1) / ((beta + sqrt(n)) / lr + l2)
 * </pre>
 *
 * The paper starts from weights of 0. From others, z is first what gives them. A gradient of 0
 * changes nothing, nor does a rate of 0.
 */
public final class FTRL extends StandardOptimizer<FTRL> {
  private static final long serialVersionUID = 1L;

  private double beta = 1;
  private double l1;
  private double l2;

  public FTRL(double lr) {
    super(lr);
  }

  @Override
  protected void checkSettings() {
    super.checkSettings();
    valid(beta >= 0, "beta value", beta);
    valid(l1 >= 0, "l1 value", l1);
    valid(l2 >= 0, "l2 value", l2);
  }

  @Override
  protected boolean takesSparse() {
    return true;
  }

  @Override
  protected boolean movesRowsAlone() {
    return weightDecay() == 0;
  }

  /** Slows the first steps of a weight: its rate is lr / (beta + sqrt(n)). */
  public FTRL beta(double beta) {
    return with(r -> r.beta = beta);
  }

  /** The size that a weight's sum of gradients must exceed for the weight to differ from 0. */
  public FTRL l1(double l1) {
    return with(r -> r.l1 = l1);
  }

  /** Pulls weights towards 0. */
  public FTRL l2(double l2) {
    return with(r -> r.l2 = l2);
  }

  @Override
  public Map<String, Object> options() {
    return options(
        "lr",
        lr(),
        "beta",
        beta,
        "l1",
        l1,
        "l2",
        l2,
        "weight_decay",
        weightDecay(),
        "maximize",
        maximizes());
  }

  @Override
  public List<String> slots() {
    return List.of("z", "n");
  }

  @Override
  protected void update(int n, double[] w, double[] g, double[][] slots, long step, double lr) {
    double[] z = slots[0];
    double[] squares = slots[1];
    for (int i = 0; i < n; i++) {
      if (g[i] == 0 || lr == 0) continue;
      if (squares[i] == 0) z[i] = -w[i] * (beta / lr + l2) - Math.signum(w[i]) * l1;
      double sum = squares[i] + g[i] * g[i];
      double root = Math.sqrt(sum);
      z[i] += g[i] - (root - Math.sqrt(squares[i])) / lr * w[i];
      squares[i] = sum;
      double beyond = Math.abs(z[i]) - l1;
      w[i] = beyond <= 0 ? 0 : -Math.signum(z[i]) * beyond / ((beta + root) / lr + l2);
    }
  }

  @Override
  protected String cuda() {
    return """
        if (g != 0 && lr != 0) {
          if (n == 0) z = -w * (beta / lr + l2) - (w > 0 ? l1 : w < 0 ? -l1 : T(0));
          const T sum = n + g * g, root = sqrt(sum);
          z += g - (root - sqrt(n)) / lr * w;
          n = sum;
          const T beyond = (z < 0 ? -z : z) - l1;
          w = beyond <= 0 ? T(0) : (z < 0 ? beyond : -beyond) / ((beta + root) / lr + l2);
        }
        """;
  }

  @Override
  protected Map<String, Double> cudaSettings(long step, double lr) {
    return numbers("lr", lr, "beta", beta, "l1", l1, "l2", l2);
  }
}
