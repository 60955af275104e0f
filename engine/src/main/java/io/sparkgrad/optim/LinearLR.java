package io.sparkgrad.optim;

/**
 * The rate times a factor that moves on a line from startFactor to endFactor in totalIters steps
 * and stays there: torch.optim.lr_scheduler.LinearLR, in closed form (PyTorch multiplies step by
 * step, which differs in the last bits).
 *
 * <p>lr_t = lr (startFactor + (endFactor - startFactor) min(t, totalIters) / totalIters)
 *
 * @param startFactor factor before the first step, 0 to 1
 * @param endFactor factor from step totalIters on, 0 to 1
 * @param totalIters steps until then, at least 1
 */
public record LinearLR(double startFactor, double endFactor, long totalIters) implements Schedule {
  public LinearLR {
    if (!(startFactor >= 0 && startFactor <= 1)) {
      throw new IllegalArgumentException(
          "Starting multiplicative factor expected to be between 0 and 1.");
    }
    if (!(endFactor >= 0 && endFactor <= 1)) {
      throw new IllegalArgumentException(
          "Ending multiplicative factor expected to be between 0 and 1.");
    }
    Schedules.atLeastOne("totalIters", totalIters);
  }

  /** PyTorch's defaults: from a third of the rate to all of it in five steps. */
  public LinearLR() {
    this(1.0 / 3, 1, 5);
  }

  @Override
  public double at(double lr, long done) {
    return lr * (startFactor + (endFactor - startFactor) * Math.min(done, totalIters) / totalIters);
  }
}
