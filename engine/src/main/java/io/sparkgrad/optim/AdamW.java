package io.sparkgrad.optim;

/**
 * AdamW: torch.optim.AdamW; {@link Adam} whose weight decay shrinks the weights past the means.
 * Loshchilov and Hutter, "Decoupled weight decay regularization", 2017, arXiv:1711.05101.
 *
 * <pre>
 *   w = w - lr weightDecay w                 then as Adam
 * </pre>
 */
public final class AdamW extends AdamRule<AdamW> {
  private static final long serialVersionUID = 1L;

  /** PyTorch's settings, a rate of 0.001. */
  public AdamW() {
    this(1e-3);
  }

  public AdamW(double lr) {
    super(lr, 1e-2);
  }

  @Override
  protected boolean decouplesWeightDecay() {
    return true;
  }
}
