package io.sparkgrad.optim;

import java.util.List;

/**
 * Rates up to maxLr and down again to less than the first, in one cycle over the whole training,
 * instead of the optimizer's own: torch.optim.lr_scheduler.OneCycleLR without cycled momentum.
 * Smith and Topin, "Super-convergence: very fast training of neural networks using large learning
 * rates", 2017, arXiv:1708.07120. After totalSteps the last rate stays.
 *
 * @param maxLr the largest rate
 * @param totalSteps steps of the training, at least 1
 * @param pctStart the part of the steps that goes up, 0 to 1
 * @param annealStrategy "cos" or "linear"
 * @param divFactor the first rate is maxLr / divFactor
 * @param finalDivFactor the last rate is the first / finalDivFactor
 * @param threePhase whether the way down ends at the first rate, and a third phase at the last
 */
public record OneCycleLR(
    double maxLr,
    long totalSteps,
    double pctStart,
    String annealStrategy,
    double divFactor,
    double finalDivFactor,
    boolean threePhase)
    implements Schedule {
  public OneCycleLR {
    Schedules.notNegative("maxLr", maxLr);
    Schedules.positive("divFactor", divFactor);
    Schedules.positive("finalDivFactor", finalDivFactor);
    Schedules.atLeastOne("totalSteps", totalSteps);
    if (!(pctStart >= 0 && pctStart <= 1))
      throw new IllegalArgumentException(
          "Expected float between 0 and 1 pct_start, but got " + pctStart);
    Schedules.oneOf("annealStrategy", annealStrategy, List.of("cos", "linear"));
  }

  /** PyTorch's defaults: up for three tenths of the steps, from a 25th of maxLr, by cosines. */
  public OneCycleLR(double maxLr, long totalSteps) {
    this(maxLr, totalSteps, 0.3, "cos", 25, 1e4, false);
  }

  @Override
  public double at(double lr, long done) {
    double first = maxLr / divFactor;
    double last = first / finalDivFactor;
    double step = Math.min(done, totalSteps - 1);
    double top = pctStart * totalSteps - 1;
    double back = threePhase ? 2 * pctStart * totalSteps - 2 : top;
    double end = totalSteps - 1.;
    if (step <= top) return between(first, maxLr, step / top);
    if (step <= back) return between(maxLr, first, (step - top) / (back - top));
    return between(threePhase ? first : maxLr, last, (step - back) / (end - back));
  }

  private double between(double from, double to, double share) {
    double part = Double.isNaN(share) ? 0 : share; // a phase without steps
    return annealStrategy.equals("cos")
        ? Schedules.cosine(from, to, part)
        : from + (to - from) * part;
  }
}
