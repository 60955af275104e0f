package io.sparkgrad.optim;

/**
 * The rate times gamma after every step: torch.optim.lr_scheduler.ExponentialLR.
 *
 * @param gamma what the rate is multiplied by
 */
public record ExponentialLR(double gamma) implements Schedule {
  public ExponentialLR {
    Schedules.notNegative("gamma", gamma);
  }

  @Override
  public double at(double lr, long done) {
    return lr * StrictMath.pow(gamma, done);
  }
}
