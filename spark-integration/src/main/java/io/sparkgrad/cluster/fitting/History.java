package io.sparkgrad.cluster.fitting;

import io.sparkgrad.cluster.ingest.StepRows;
import io.sparkgrad.cluster.ps.EpochLoss;
import io.sparkgrad.cluster.ps.RunOutcome;
import io.sparkgrad.cluster.ps.Score;
import io.sparkgrad.cluster.ps.StopReason;
import io.sparkgrad.cluster.trained.TrainingFacts;
import io.sparkgrad.nn.Metric;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The epochs of a fit, added one by one, and how it ended. Thread-safe: while the fit adds, others
 * may look.
 */
public final class History implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int of; // epochs in all
  private final LinkedHashMap<String, Metric> metrics;
  private final ArrayList<Epoch> epochs = new ArrayList<>();
  private boolean validated;
  private StepRows steps;
  private RunOutcome outcome;

  History(FitSettings settings) {
    this.of = settings.passes().epochs();
    this.metrics = new LinkedHashMap<>(settings.metrics());
  }

  /** Adds an epoch and returns it as listeners get it. */
  synchronized Epoch add(EpochLoss e) {
    Map<String, Double> measured = new LinkedHashMap<>();
    double validationLoss = Double.NaN;
    if (!e.validation().isEmpty()) {
      validated = true;
      List<Score> scores = e.validation();
      validationLoss = scores.get(0).value();
      int i = 1;
      for (Map.Entry<String, Metric> m : metrics.entrySet())
        measured.put(m.getKey(), measure(m.getValue(), scores.get(i++)));
    }
    Epoch epoch =
        new Epoch(
            e.epoch() + 1,
            of,
            e.loss(),
            validationLoss,
            Collections.unmodifiableMap(measured),
            e.partial());
    epochs.add(epoch);
    return epoch;
  }

  private static double measure(Metric metric, Score of) {
    return of.numbers().length == 0 ? Double.NaN : metric.finish(of.numbers());
  }

  synchronized void end(RunOutcome outcome, StepRows steps) {
    this.outcome = outcome;
    this.steps = steps;
  }

  /** The finished epochs, the first one first. */
  public synchronized List<Epoch> epochs() {
    return List.copyOf(epochs);
  }

  /** The loss of the last epoch; NaN before the first. */
  synchronized double lastLoss() {
    return epochs.isEmpty() ? Double.NaN : epochs.get(epochs.size() - 1).loss();
  }

  /** All series of one number an epoch, by name. */
  public synchronized Map<String, List<Double>> series() {
    Map<String, List<Double>> series = new LinkedHashMap<>();
    series.put(TrainingFacts.LOSS, losses());
    if (validated) series.put(TrainingFacts.VALIDATION_LOSS, validationLosses());
    metrics().forEach(series::putIfAbsent);
    return series;
  }

  /** The numbers of the last epoch, by the names of {@link #series}. */
  synchronized Map<String, Double> lastNumbers() {
    Map<String, Double> last = new LinkedHashMap<>();
    series().forEach((name, s) -> last.put(name, s.get(s.size() - 1)));
    return last;
  }

  /** The training loss of each epoch. */
  public List<Double> losses() {
    return each(Epoch::loss);
  }

  /** The validation loss after each epoch; empty without validation. */
  public synchronized List<Double> validationLosses() {
    return validated ? each(Epoch::validationLoss) : List.of();
  }

  /** The metrics after each epoch, by name. */
  public synchronized Map<String, List<Double>> metrics() {
    Map<String, List<Double>> series = new LinkedHashMap<>();
    for (String name : metrics.keySet()) series.put(name, each(e -> e.metrics().get(name)));
    return Collections.unmodifiableMap(series);
  }

  private synchronized List<Double> each(ToDoubleFunction<Epoch> number) {
    return epochs.stream().mapToDouble(number).boxed().toList();
  }

  /** The epoch of the lowest validation loss, 1 for the first; 0 without validation. */
  public synchronized int bestEpoch() {
    return outcome.best() == 0 ? 0 : 1 + (int) ((outcome.best() - 1) / steps.stepsPerEpoch());
  }

  public synchronized StopReason stopReason() {
    return outcome.reason();
  }

  /** Count of finished steps. */
  public synchronized long steps() {
    return outcome.steps();
  }

  /** Count of rows trained on, each once for each epoch. */
  public synchronized long rows() {
    return steps.rowsInSteps(outcome.steps());
  }
}
