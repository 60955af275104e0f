package io.sparkgrad.optim;

/**
 * The rate times a factor for the first steps: torch.optim.lr_scheduler.ConstantLR.
 *
 * @param factor 0 to 1
 * @param totalIters steps with the factor, not negative
 */
public record ConstantLR(double factor, long totalIters) implements Schedule {
  public ConstantLR {
    if (!(factor >= 0 && factor <= 1))
      throw new IllegalArgumentException(
          "Constant multiplicative factor expected to be between 0 and 1.");
    Schedules.notNegative("totalIters", totalIters);
  }

  /** PyTorch's defaults: a third of the rate for five steps. */
  public ConstantLR() {
    this(1.0 / 3, 5);
  }

  @Override
  public double at(double lr, long done) {
    return done < totalIters ? lr * factor : lr;
  }
}
