package io.sparkgrad.optim;

import java.util.List;

/**
 * Lowers a local optimizer's rate when a metric stops improving:
 * torch.optim.lr_scheduler.ReduceLROnPlateau. Where the rule has a schedule, its rates are lowered
 * by as much.
 */
public final class ReduceLROnPlateau {
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  private final LocalOptimizer optimizer;
  private String mode = "min";
  private double factor = 0.1;
  private int patience = 10;
  private double threshold = 1e-4;
  private String thresholdMode = "rel";
  private int cooldown;
  private double minLr;
  private double eps = 1e-8;

  private double best = Double.NaN; // none yet
  private int bad;
  private int cooling;

  public ReduceLROnPlateau(LocalOptimizer optimizer) {
    this.optimizer = optimizer;
  }

  /** "min" (the default) where a metric improves by falling, "max" where by rising. */
  public ReduceLROnPlateau mode(String mode) {
    Schedules.oneOf("mode", mode, List.of("min", "max"));
    this.mode = mode;
    return this;
  }

  /** What the rate is multiplied by, less than 1. */
  public ReduceLROnPlateau factor(double factor) {
    if (!(factor < 1)) throw new IllegalArgumentException("Factor should be < 1.0.");
    Schedules.notNegative("factor", factor);
    this.factor = factor;
    return this;
  }

  /** How many metrics in a row may be no better before the rate falls. */
  public ReduceLROnPlateau patience(int patience) {
    Schedules.notNegative("patience", patience);
    this.patience = patience;
    return this;
  }

  /** By how much a metric must be better than the best: a part of it, or under "abs" as it is. */
  public ReduceLROnPlateau threshold(double threshold) {
    Schedules.notNegative("threshold", threshold);
    this.threshold = threshold;
    return this;
  }

  /** "rel" (the default) or "abs": see {@link #threshold}. */
  public ReduceLROnPlateau thresholdMode(String thresholdMode) {
    Schedules.oneOf("thresholdMode", thresholdMode, List.of("rel", "abs"));
    this.thresholdMode = thresholdMode;
    return this;
  }

  /** For so many metrics after a fall none counts as no better. */
  public ReduceLROnPlateau cooldown(int cooldown) {
    Schedules.notNegative("cooldown", cooldown);
    this.cooldown = cooldown;
    return this;
  }

  /** The least rate. */
  public ReduceLROnPlateau minLr(double minLr) {
    Schedules.notNegative("minLr", minLr);
    this.minLr = minLr;
    return this;
  }

  /** A fall that is not larger than this is left out. */
  public ReduceLROnPlateau eps(double eps) {
    Schedules.notNegative("eps", eps);
    this.eps = eps;
    return this;
  }

  /** Hears the metric of one more epoch. NaN is no better than another. */
  public void step(double metric) {
    if (Double.isNaN(best)) best = mode.equals("min") ? INFINITY : -INFINITY;
    if (isBetter(metric)) {
      best = metric;
      bad = 0;
    } else {
      bad++;
    }
    if (cooling > 0) {
      cooling--;
      bad = 0;
    }
    if (bad <= patience) return;
    double now = optimizer.lr();
    double next = Math.max(now * factor, minLr);
    if (now - next > eps) optimizer.scaleRate(next / now);
    cooling = cooldown;
    bad = 0;
  }

  @Override
  public String toString() {
    return "ReduceLROnPlateau(mode=%s, factor=%s, patience=%s) of %s"
        .formatted(mode, factor, patience, optimizer);
  }

  private boolean isBetter(double metric) {
    boolean relative = thresholdMode.equals("rel");
    return mode.equals("min")
        ? metric < (relative ? best * (1 - threshold) : best - threshold)
        : metric > (relative ? best * (1 + threshold) : best + threshold);
  }
}
