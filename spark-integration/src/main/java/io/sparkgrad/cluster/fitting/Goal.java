package io.sparkgrad.cluster.fitting;

import io.sparkgrad.cluster.ps.Score;
import io.sparkgrad.cluster.ps.StopCriteria;
import io.sparkgrad.nn.Metric;
import java.util.List;

/**
 * A metric that says which epoch is the best.
 *
 * @param place among the scores, of which the loss is the first
 * @param higher whether more is better
 */
record Goal(Metric metric, int place, boolean higher) implements StopCriteria.Objective {
  @Override
  public double of(List<Score> scores) {
    double[] numbers = scores.get(place).numbers();
    double measure = numbers.length == 0 ? Double.NaN : metric.finish(numbers);
    return higher ? -measure : measure;
  }
}
