package io.sparkgrad.optim;

import java.util.Objects;
import java.util.function.Consumer;

/**
 * A rule with the settings that PyTorch's have in common: the rate and its schedule, weight decay,
 * maximize.
 *
 * @param <R> the rule itself: what its settings return
 */
public abstract class StandardOptimizer<R extends StandardOptimizer<R>> extends Optimizer {
  private static final long serialVersionUID = 1L;

  private double lr;
  private double weightDecay;
  private boolean maximize;
  private Schedule schedule = Schedule.CONSTANT;

  protected StandardOptimizer(double lr) {
    this(lr, 0);
  }

  protected StandardOptimizer(double lr, double weightDecay) {
    this.lr = lr;
    this.weightDecay = weightDecay;
    valid(lr >= 0, "learning rate", lr);
  }

  @Override
  protected void checkSettings() {
    valid(lr >= 0, "learning rate", lr);
    valid(weightDecay >= 0, "weight_decay value", weightDecay);
    Objects.requireNonNull(schedule, "schedule");
  }

  /** As {@link #with(Optimizer, Consumer)}: {@code return with(r -> r.eps = eps)}. */
  protected final R with(Consumer<? super R> change) {
    @SuppressWarnings("unchecked")
    R self = (R) this;
    return with(self, change);
  }

  public final R lr(double lr) {
    return with(r -> ((StandardOptimizer<R>) r).lr = lr);
  }

  /** Weight decay: an L2 penalty, added to the gradient, unless the rule says otherwise. */
  public final R weightDecay(double weightDecay) {
    return with(r -> ((StandardOptimizer<R>) r).weightDecay = weightDecay);
  }

  /** Climbs instead of descending. */
  public final R maximize() {
    return with(r -> ((StandardOptimizer<R>) r).maximize = true);
  }

  @Override
  public final R schedule(Schedule schedule) {
    return with(r -> ((StandardOptimizer<R>) r).schedule = schedule);
  }

  @Override
  public final double lr() {
    return lr;
  }

  @Override
  public final double weightDecay() {
    return weightDecay;
  }

  @Override
  public final boolean maximizes() {
    return maximize;
  }

  @Override
  public final Schedule schedule() {
    return schedule;
  }
}
