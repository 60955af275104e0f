package io.sparkgrad.optim;

/**
 * The rate times gamma after every stepSize steps: torch.optim.lr_scheduler.StepLR.
 *
 * @param stepSize steps between two falls, at least 1
 * @param gamma what the rate is multiplied by
 */
public record StepLR(long stepSize, double gamma) implements Schedule {
  public StepLR {
    Schedules.atLeastOne("stepSize", stepSize);
    Schedules.notNegative("gamma", gamma);
  }

  /** PyTorch's default: to a tenth. */
  public StepLR(long stepSize) {
    this(stepSize, 0.1);
  }

  @Override
  public double at(double lr, long done) {
    return lr * StrictMath.pow(gamma, done / stepSize);
  }
}
