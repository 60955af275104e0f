package io.sparkgrad.optim;

/**
 * Adam: torch.optim.Adam. Kingma and Ba, "Adam: a method for stochastic optimization", 2014,
 * arXiv:1412.6980; amsgrad from Reddi, Kale and Kumar, "On the convergence of Adam and beyond",
 * 2018.
 *
 * <pre>
 *   m = beta1 m + (1 - beta1) g              v = beta2 v + (1 - beta2) g g
 *   d = sqrt(v / (1 - beta2^t)) + eps        (amsgrad: the largest v so far instead of v)
 *   w = w - lr / (1 - beta1^t) m / d
 * </pre>
 */
public final class Adam extends AdamRule<Adam> {
  private static final long serialVersionUID = 1L;

  /** The paper's settings, a rate of 0.001. */
  public Adam() {
    this(1e-3);
  }

  public Adam(double lr) {
    super(lr);
  }
}
