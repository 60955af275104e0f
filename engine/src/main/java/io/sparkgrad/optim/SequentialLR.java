package io.sparkgrad.optim;

import java.util.List;

/**
 * One schedule after the other, each from its beginning, as a warm-up before a decay:
 * torch.optim.lr_scheduler.SequentialLR.
 *
 * @param schedules at least one
 * @param milestones the count of finished steps at which each but the first begins, rising
 */
public record SequentialLR(List<Schedule> schedules, List<Long> milestones) implements Schedule {
  public SequentialLR {
    schedules = Schedules.copyOf("schedules", schedules);
    milestones = Schedules.copyOf("milestones", milestones);
    if (milestones.size() != schedules.size() - 1)
      throw new IllegalArgumentException(
          "Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, but got number of schedulers %s and the number of milestones to be equal to %s"
              .formatted(schedules.size(), milestones.size()));
    for (long m : milestones) Schedules.notNegative("a milestone", m);
    for (int i = 1; i < milestones.size(); i++)
      if (milestones.get(i) <= milestones.get(i - 1))
        throw new IllegalArgumentException("milestones must rise, got " + milestones);
  }

  @Override
  public double at(double lr, long done) {
    int now = 0;
    while (now < milestones.size() && done >= milestones.get(now)) now++;
    return schedules.get(now).at(lr, now == 0 ? done : done - milestones.get(now - 1));
  }
}
