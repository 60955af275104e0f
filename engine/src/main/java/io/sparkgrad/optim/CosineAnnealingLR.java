package io.sparkgrad.optim;

/**
 * The rate swings between itself and etaMin: torch.optim.lr_scheduler.CosineAnnealingLR, in closed
 * form. Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2016,
 * arXiv:1608.03983, without the restarts.
 *
 * <p>lr_t = etaMin + (lr - etaMin) (1 + cos(pi t / tMax)) / 2
 *
 * @param tMax steps from the rate to etaMin, at least 1; as many later it is back
 * @param etaMin the smallest rate
 */
public record CosineAnnealingLR(long tMax, double etaMin) implements Schedule {
  public CosineAnnealingLR {
    Schedules.atLeastOne("tMax", tMax);
    Schedules.notNegative("etaMin", etaMin);
  }

  /** Down to 0. */
  public CosineAnnealingLR(long tMax) {
    this(tMax, 0);
  }

  @Override
  public double at(double lr, long done) {
    return Schedules.cosine(lr, etaMin, (double) done / tMax);
  }
}
