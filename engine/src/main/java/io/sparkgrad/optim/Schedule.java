package io.sparkgrad.optim;

import java.io.Serializable;

/**
 * The learning rate as a function of the count of finished steps; PyTorch's lr_scheduler as a
 * value.
 */
@FunctionalInterface
public interface Schedule extends Serializable {
  /** The rate itself, all the way. */
  Schedule CONSTANT = (lr, done) -> lr;

  /**
   * The rate of the next step.
   *
   * @param lr the optimizer's own rate
   * @param done steps finished so far, 0 before the first
   */
  double at(double lr, long done);
}
