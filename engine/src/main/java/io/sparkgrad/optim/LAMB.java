package io.sparkgrad.optim;

/**
 * LAMB, for large batches: {@link AdamW} whose rate is, parameter by parameter, multiplied by the
 * norm of the weights over that of their step. You et al., "Large batch optimization for deep
 * learning", 2019, arXiv:1904.00962, algorithm 2 with the identity for its phi; not in PyTorch.
 *
 * <pre>
 *   r = m / (sqrt(v) + eps) + weightDecay w          m, v: Adam's means, corrected
 *   w = w - lr |w| / |r| r                           the quotient is 1 if a norm is 0
 * </pre>
 */
public final class LAMB extends AdamRule<LAMB> {
  private static final long serialVersionUID = 1L;

  /** A rate of 0.001, a weight decay of 0.01. */
  public LAMB() {
    this(1e-3);
  }

  public LAMB(double lr) {
    super(lr, 1e-2);
  }

  @Override
  protected boolean decouplesWeightDecay() {
    return true;
  }

  @Override
  public boolean isLayerwise() {
    return true;
  }
}
