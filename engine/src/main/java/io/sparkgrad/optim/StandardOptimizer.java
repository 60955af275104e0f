package io.sparkgrad.optim;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A rule with the settings that all have in common: the rate and its schedule, weight decay,
 * maximize, clipping, and groups of parameters.
 *
 * @param <R> the rule itself: what its settings return
 */
public abstract class StandardOptimizer<R extends StandardOptimizer<R>> extends Optimizer {
  private static final long serialVersionUID = 1L;

  private double lr;
  private double weightDecay;
  private boolean maximize;
  private Schedule schedule = Schedule.CONSTANT;
  private double clipNorm = Double.POSITIVE_INFINITY;
  private double clipValue = Double.POSITIVE_INFINITY;
  private List<ParameterGroup> groups = List.of();
  private double rateFactor = 1;
  private boolean frozen;

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
    valid(clipNorm > 0, "clip norm", clipNorm);
    valid(clipValue > 0, "clip value", clipValue);
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

  /**
   * Shortens gradients that are longer than this, all parameters' together, by one factor, before
   * all else: torch.nn.utils.clip_grad_norm_ by the Euclidean norm. On a cluster the executors
   * exchange sums of squares in every step.
   */
  public final R clipNorm(double clipNorm) {
    return with(r -> ((StandardOptimizer<R>) r).clipNorm = clipNorm);
  }

  /** Cuts gradients to at most this size, number by number, before the rule. */
  public final R clipValue(double clipValue) {
    return with(r -> ((StandardOptimizer<R>) r).clipValue = clipValue);
  }

  /**
   * Gives parameters settings of their own, by name; replaces the groups given before.
   *
   * <pre>
   *   new AdamW(1e-3).groups(
   *       ParameterGroup.of("*.bias").weightDecay(0), ParameterGroup.of("encoder.*").rateFactor(0.1))
   * </pre>
   */
  public final R groups(ParameterGroup... groups) {
    return with(
        r -> ((StandardOptimizer<R>) r).groups = Schedules.copyOf("groups", Arrays.asList(groups)));
  }

  @Override
  public final Optimizer ruleFor(String parameter) {
    if (groups.isEmpty()) return this;
    return with(
        rule -> {
          StandardOptimizer<R> r = rule;
          r.groups = List.of();
          for (ParameterGroup g : groups) if (g.matches(parameter)) r.take(g);
        });
  }

  private void take(ParameterGroup g) {
    rateFactor *= g.rateFactor();
    if (g.weightDecay() != null) weightDecay = g.weightDecay();
    frozen |= g.isFrozen();
  }

  @Override
  public final double clipNorm() {
    return clipNorm;
  }

  @Override
  public final double clipValue() {
    return clipValue;
  }

  @Override
  public final List<ParameterGroup> groups() {
    return groups;
  }

  @Override
  protected final double rateFactor() {
    return rateFactor;
  }

  @Override
  public final boolean isFrozen() {
    return frozen;
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
