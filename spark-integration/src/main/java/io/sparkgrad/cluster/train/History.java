package io.sparkgrad.cluster.train;

import io.sparkgrad.cluster.model.TrainingFacts;
import io.sparkgrad.cluster.ps.Ending;
import io.sparkgrad.cluster.ps.EpochLoss;
import io.sparkgrad.cluster.ps.Score;
import io.sparkgrad.cluster.ps.StopReason;
import io.sparkgrad.cluster.rows.StepRows;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What became of a fit's epochs, told one by one. Not thread-safe. */
public final class History implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int epochs;
  private final List<Double> losses = new ArrayList<>();
  private final List<Double> validationLosses = new ArrayList<>();
  private final Map<String, List<Double>> metrics = new LinkedHashMap<>();
  private StepRows steps;
  private Ending ending;

  History(FitSettings settings) {
    this.epochs = settings.epochs();
    for (String name : settings.metrics().keySet()) metrics.put(name, new ArrayList<>());
  }

  /** The epoch as listeners see it. */
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

  void end(Ending ending, StepRows steps) {
    this.ending = ending;
    this.steps = steps;
  }

  /** The loss of the last epoch told; NaN before. */
  double lastLoss() {
    return losses.isEmpty() ? Double.NaN : losses.get(losses.size() - 1);
  }

  /** All that is measured, by name. */
  Map<String, List<Double>> series() {
    Map<String, List<Double>> series = new LinkedHashMap<>();
    series.put(TrainingFacts.LOSS, losses());
    if (!validationLosses.isEmpty()) series.put(TrainingFacts.VALIDATION_LOSS, validationLosses());
    metrics().forEach(series::putIfAbsent);
    return series;
  }

  public List<Double> losses() {
    return List.copyOf(losses);
  }

  public List<Double> validationLosses() {
    return List.copyOf(validationLosses);
  }

  public Map<String, List<Double>> metrics() {
    Map<String, List<Double>> copy = new LinkedHashMap<>();
    metrics.forEach((name, values) -> copy.put(name, List.copyOf(values)));
    return Collections.unmodifiableMap(copy);
  }

  /** 1 for the first; 0 without validation. */
  public int bestEpoch() {
    return ending.best() == 0 ? 0 : 1 + (int) ((ending.best() - 1) / steps.stepsPerEpoch());
  }

  public StopReason stopReason() {
    return ending.reason();
  }

  public long steps() {
    return ending.steps();
  }

  /** Rows that were trained on, each as often as it was. */
  public long rows() {
    long perEpoch = steps.stepsPerEpoch();
    return ending.steps() / perEpoch * steps.rows() + steps.firstRow(ending.steps() % perEpoch);
  }
}
