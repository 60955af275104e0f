package io.sparkgrad.cluster.fitting;

import io.sparkgrad.cluster.ingest.StepRows;
import io.sparkgrad.cluster.ps.EpochLoss;
import io.sparkgrad.cluster.ps.RunOutcome;
import io.sparkgrad.cluster.ps.Score;
import io.sparkgrad.cluster.ps.StopReason;
import io.sparkgrad.cluster.trained.TrainingFacts;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Losses and metrics of a fit's epochs, added one by one, and how it ended. Not thread-safe. */
public final class History implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int epochs;
  private final List<Double> losses = new ArrayList<>();
  private final List<Double> validationLosses = new ArrayList<>();
  private final Map<String, List<Double>> metrics = new LinkedHashMap<>();
  private StepRows steps;
  private RunOutcome outcome;

  History(FitSettings settings) {
    this.epochs = settings.epochs();
    for (String name : settings.metrics().keySet()) metrics.put(name, new ArrayList<>());
  }

  /** Adds an epoch and returns it as listeners get it. */
  Epoch add(EpochLoss e) {
    losses.add(e.loss());
    Map<String, Double> measured = new LinkedHashMap<>();
    double validationLoss = Double.NaN;
    if (!e.validation().isEmpty()) {
      List<Score> scores = e.validation();
      validationLosses.add(validationLoss = scores.get(0).value());
      int i = 1;
      for (String name : metrics.keySet()) measured.put(name, scores.get(i++).value());
      measured.forEach((name, value) -> metrics.get(name).add(value));
    }
    return new Epoch(
        e.epoch() + 1,
        epochs,
        e.loss(),
        validationLoss,
        Collections.unmodifiableMap(measured),
        e.partial());
  }

  void end(RunOutcome outcome, StepRows steps) {
    this.outcome = outcome;
    this.steps = steps;
  }

  /** The loss of the last epoch; NaN before the first. */
  double lastLoss() {
    return losses.isEmpty() ? Double.NaN : losses.get(losses.size() - 1);
  }

  /** All series of one number an epoch, by name. */
  Map<String, List<Double>> series() {
    Map<String, List<Double>> series = new LinkedHashMap<>();
    series.put(TrainingFacts.LOSS, losses());
    if (!validationLosses.isEmpty()) series.put(TrainingFacts.VALIDATION_LOSS, validationLosses());
    metrics().forEach(series::putIfAbsent);
    return series;
  }

  /** The training loss of each epoch. */
  public List<Double> losses() {
    return List.copyOf(losses);
  }

  /** The validation loss after each epoch; empty without validation. */
  public List<Double> validationLosses() {
    return List.copyOf(validationLosses);
  }

  /** The metrics after each epoch, by name. */
  public Map<String, List<Double>> metrics() {
    Map<String, List<Double>> copy = new LinkedHashMap<>();
    metrics.forEach((name, values) -> copy.put(name, List.copyOf(values)));
    return Collections.unmodifiableMap(copy);
  }

  /** The epoch of the lowest validation loss, 1 for the first; 0 without validation. */
  public int bestEpoch() {
    return outcome.best() == 0 ? 0 : 1 + (int) ((outcome.best() - 1) / steps.stepsPerEpoch());
  }

  public StopReason stopReason() {
    return outcome.reason();
  }

  /** Count of finished steps. */
  public long steps() {
    return outcome.steps();
  }

  /** Count of rows trained on, each once for each epoch. */
  public long rows() {
    long perEpoch = steps.stepsPerEpoch();
    return outcome.steps() / perEpoch * steps.rows() + steps.firstRow(outcome.steps() % perEpoch);
  }
}
