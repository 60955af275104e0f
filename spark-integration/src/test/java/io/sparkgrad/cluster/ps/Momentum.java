package io.sparkgrad.cluster.ps;

import io.sparkgrad.optim.Optimizer;
import java.util.List;

/** The smallest rule with state, which a run must neither lose nor apply twice. */
final class Momentum extends Optimizer {
  private static final long serialVersionUID = 1L;

  @Override
  public double lr() {
    return 0.1;
  }

  @Override
  public List<String> slots() {
    return List.of("momentum_buffer");
  }

  @Override
  protected void update(int n, double[] w, double[] g, double[][] slots, long step, double lr) {
    for (int i = 0; i < n; i++) {
      slots[0][i] = 0.9 * slots[0][i] + g[i];
      w[i] -= lr / step * slots[0][i];
    }
  }
}
