package io.sparkgrad.optim;

import java.util.List;

/**
 * Rates between two bounds, up and down again, instead of the optimizer's own:
 * torch.optim.lr_scheduler.CyclicLR without cycled momentum. Smith, "Cyclical learning rates for
 * training neural networks", 2015, arXiv:1506.01186.
 *
 * @param baseLr the lower bound, the first rate
 * @param maxLr the upper bound
 * @param stepSizeUp steps from the lower to the upper, at least 1
 * @param stepSizeDown steps back, at least 1
 * @param mode "triangular"; "triangular2": each cycle is half as high as the one before;
 *     "exp_range": height times gamma at each step
 * @param gamma of exp_range
 */
public record CyclicLR(
    double baseLr, double maxLr, long stepSizeUp, long stepSizeDown, String mode, double gamma)
    implements Schedule {
  public CyclicLR {
    Schedules.notNegative("baseLr", baseLr);
    Schedules.notNegative("maxLr", maxLr);
    Schedules.notNegative("gamma", gamma);
    Schedules.atLeastOne("stepSizeUp", stepSizeUp);
    Schedules.atLeastOne("stepSizeDown", stepSizeDown);
    Schedules.oneOf("mode", mode, List.of("triangular", "triangular2", "exp_range"));
  }

  /** As many steps down as up, in triangles of one height. */
  public CyclicLR(double baseLr, double maxLr, long stepSizeUp) {
    this(baseLr, maxLr, stepSizeUp, stepSizeUp, "triangular", 1);
  }

  @Override
  public double at(double lr, long done) {
    long total = Math.addExact(stepSizeUp, stepSizeDown);
    long in = done % total;
    double share =
        in <= stepSizeUp ? (double) in / stepSizeUp : (double) (total - in) / stepSizeDown;
    double scale =
        switch (mode) {
          case "triangular2" -> StrictMath.pow(2, -(done / total));
          case "exp_range" -> StrictMath.pow(gamma, done);
          default -> 1;
        };
    return baseLr + (maxLr - baseLr) * share * scale;
  }
}
