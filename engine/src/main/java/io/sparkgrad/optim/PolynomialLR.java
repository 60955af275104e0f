package io.sparkgrad.optim;

/**
 * The rate falls to 0 by a power of the steps that are left, and stays there:
 * torch.optim.lr_scheduler.PolynomialLR.
 *
 * <p>lr_t = lr (1 - min(t, totalIters) / totalIters)^power
 *
 * @param totalIters steps until then, at least 1
 * @param power 1 for a line
 */
public record PolynomialLR(long totalIters, double power) implements Schedule {
  public PolynomialLR {
    Schedules.atLeastOne("totalIters", totalIters);
    Schedules.notNegative("power", power);
  }

  /** PyTorch's defaults: on a line, in five steps. */
  public PolynomialLR() {
    this(5, 1);
  }

  @Override
  public double at(double lr, long done) {
    double left = 1 - (double) Math.min(done, totalIters) / totalIters;
    return lr * StrictMath.pow(left, power);
  }
}
