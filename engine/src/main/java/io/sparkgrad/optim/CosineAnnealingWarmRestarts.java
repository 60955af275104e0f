package io.sparkgrad.optim;

/**
 * The rate falls to etaMin in cycles, each of which starts with the whole rate again:
 * torch.optim.lr_scheduler.CosineAnnealingWarmRestarts. Loshchilov and Hutter, "SGDR: stochastic
 * gradient descent with warm restarts", 2016, arXiv:1608.03983.
 *
 * @param t0 steps of the first cycle, at least 1
 * @param tMult how many times as long each cycle is as the one before, at least 1
 * @param etaMin the smallest rate
 */
public record CosineAnnealingWarmRestarts(long t0, long tMult, double etaMin) implements Schedule {
  public CosineAnnealingWarmRestarts {
    Schedules.atLeastOne("t0", t0);
    Schedules.atLeastOne("tMult", tMult);
    Schedules.notNegative("etaMin", etaMin);
  }

  /** Down to 0. */
  public CosineAnnealingWarmRestarts(long t0, long tMult) {
    this(t0, tMult, 0);
  }

  /** Cycles of one length, down to 0. */
  public CosineAnnealingWarmRestarts(long t0) {
    this(t0, 1, 0);
  }

  @Override
  public double at(double lr, long done) {
    long cycle = t0;
    long in = tMult == 1 ? done % t0 : done;
    for (; in >= cycle; cycle *= tMult) in -= cycle;
    return Schedules.cosine(lr, etaMin, (double) in / cycle);
  }
}
