package io.sparkgrad.optim;

import java.util.Arrays;
import java.util.List;

/**
 * The rate times gamma at each milestone: torch.optim.lr_scheduler.MultiStepLR.
 *
 * @param milestones counts of finished steps, in any order; one that comes twice counts twice
 * @param gamma what the rate is multiplied by
 */
public record MultiStepLR(List<Long> milestones, double gamma) implements Schedule {
  public MultiStepLR {
    milestones = Schedules.copyOf("milestones", milestones);
    for (long m : milestones) Schedules.notNegative("a milestone", m);
    Schedules.notNegative("gamma", gamma);
  }

  /** PyTorch's default: to a tenth. */
  public MultiStepLR(List<Long> milestones) {
    this(milestones, 0.1);
  }

  /** As the constructor, by numbers: {@code MultiStepLR.of(0.1, 30, 80)}. */
  public static MultiStepLR of(double gamma, long... milestones) {
    return new MultiStepLR(Arrays.stream(milestones).boxed().toList(), gamma);
  }

  @Override
  public double at(double lr, long done) {
    return lr * StrictMath.pow(gamma, milestones.stream().filter(m -> m <= done).count());
  }
}
