package io.sparkgrad.optim;

import java.io.Serializable;
import java.util.List;

/**
 * The learning rate as a function of the count of the optimizer's finished steps, whichever
 * parameters had a gradient in them; PyTorch's lr_scheduler as a value, stepped with the optimizer.
 *
 * <p>A schedule of ours is a record whose components are PyTorch's arguments in camel case, and one
 * line in {@link Schedules#all()}; a user's may be a lambda.
 */
@FunctionalInterface
public interface Schedule extends Serializable {
  /** The rate itself, all the way. */
  Schedule CONSTANT = new Constant();

  /**
   * The rate of the next step.
   *
   * @param lr the optimizer's own rate
   * @param done steps finished so far, 0 before the first
   */
  double at(double lr, long done);

  /**
   * This one for so many steps, then another from its beginning, as a warm-up before a decay:
   * {@code new LinearLR(0.1, 1, 5).followedBy(new CosineAnnealingLR(100), 5)}.
   */
  default Schedule followedBy(Schedule next, long steps) {
    return new SequentialLR(List.of(this, next), List.of(steps));
  }

  /** The class of {@link #CONSTANT}: a record, not a lambda, so that a copy sent away is equal. */
  record Constant() implements Schedule {
    @Override
    public double at(double lr, long done) {
      return lr;
    }
  }
}
