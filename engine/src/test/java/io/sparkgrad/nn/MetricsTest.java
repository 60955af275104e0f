package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class MetricsTest {
  @Test
  void accuracyCountsTheRowsWhoseLargestScoreIsTheTargets() {
    Tensor scores = Tensor.of(new float[] {1, 3, 2, 9, 0, 0, -2, -3, -1}, 3, 3);
    var whole = Metrics.accuracy(scores, Tensor.of(new long[] {1, 2, 2}, 3));
    assertEquals(new Metric.Value(2, 3), whole);
    assertEquals(2 / 3., whole.mean());
    assertEquals(whole, Metrics.accuracy(scores, Tensor.of(new float[] {1, 2, 2}, 3)));
  }

  @Test
  void accuracyOfScoresAtEachPlace() {
    Tensor scores = Tensor.of(new float[] {1, 0, 0, 1}, 1, 2, 2); // classes 0 and 1
    assertEquals(
        new Metric.Value(2, 2), Metrics.accuracy(scores, Tensor.of(new long[] {0, 1}, 1, 2)));
  }

  @Test
  void meanAbsoluteErrorTakesAColumnOrARow() {
    Tensor output = Tensor.of(new float[] {1, 2, 4}, 3, 1);
    Tensor target = Tensor.of(new float[] {2, 2, 1}, 3);
    assertEquals(new Metric.Value(4, 3), Metrics.meanAbsoluteError(output, target));
    assertEquals(
        new Metric.Value(4, 3),
        Metrics.meanAbsoluteError(output.requiresGrad_(), Tensor.of(new long[] {2, 2, 1}, 3)));
  }

  @Test
  void noRowsMakeNothing() {
    try (var quiet = Grad.noGrad()) {
      assertEquals(new Metric.Value(0, 0), Metrics.accuracy(Tensor.zeros(0, 3), Tensor.zeros(0)));
    }
  }

  /** The measure of some rows in one batch, and in three. */
  private static double measured(Metric metric, Tensor output, Tensor target) {
    double[] all = {};
    for (int from = 0, each = (output.size(0) + 2) / 3; from < output.size(0); from += each) {
      int n = Math.min(each, output.size(0) - from);
      Metric.Value v = metric.of(output.narrow(0, from, n), target.narrow(0, from, n));
      all = merged(all, v);
    }
    double whole = metric.finish(metric.of(output, target).numbers());
    assertEquals(whole, metric.finish(all), 1e-12);
    return whole;
  }

  private static double[] merged(double[] all, Metric.Value v) {
    if (all.length == 0) return v.numbers();
    if (v.ofRows())
      return DoubleStream.concat(Arrays.stream(all), Arrays.stream(v.numbers())).toArray();
    double[] sum = all.clone();
    for (int i = 0; i < sum.length; i++) sum[i] += v.numbers()[i];
    return sum;
  }

  @Test
  void rmseAndR2AreOfAllRowsNotMeansOfBatches() {
    Tensor output = Tensor.tensor(2.5, 0.0, 2.0, 8.0).unsqueeze(1);
    Tensor target = Tensor.tensor(3.0, -0.5, 2.0, 7.0);
    assertEquals(Math.sqrt(1.5 / 4), measured(Metrics.rmse(), output, target), 1e-6);
    assertEquals(1 - 1.5 / 29.1875, measured(Metrics.r2(), output, target), 1e-6);
  }

  @Test
  void precisionRecallAndF1AreOfOneClass() {
    Tensor odds = Tensor.tensor(1.0, 2.0, -1.0, 3.0, -2.0, -3.0);
    Tensor target = Tensor.of(new long[] {1, 0, 1, 1, 0, 0});
    assertEquals(2 / 3., measured(Metrics.precision(1), odds, target));
    assertEquals(2 / 3., measured(Metrics.recall(1), odds, target));
    assertEquals(2 / 3., measured(Metrics.f1(1), odds, target));
    Tensor scores = Tensor.stack(List.of(odds.neg(), odds), 1);
    assertEquals(2 / 3., measured(Metrics.recall(0), scores, target));
    assertEquals(0, measured(Metrics.precision(7), scores, target));
    Tensor ignored = Tensor.of(new long[] {1, 0, 1, Losses.IGNORED, 0, 0});
    assertEquals(
        1 / 2., Metrics.precision(1).finish(Metrics.precision(1).of(odds, ignored).numbers()));
  }

  @Test
  void topKCountsTargetsAmongTheBest() {
    Tensor scores = Tensor.of(new float[] {1, 3, 2, 9, 0, 1, -2, -3, -1}, 3, 3);
    Tensor target = Tensor.of(new long[] {2, 1, 2});
    assertEquals(2 / 3., measured(Metrics.topK(2), scores, target));
    assertEquals(1 / 3., measured(Metrics.topK(1), scores, target));
    refused("topK: k of 4 is more than the 3 classes", () -> Metrics.topK(4).of(scores, target));
  }

  @Test
  void areaUnderPrIsOfTrapezoidsFromTheFirstThresholdOn() {
    Tensor scores = Tensor.of(new float[] {4, 3, 3, 1});
    Tensor target = Tensor.of(new float[] {1, 1, 0, 1});
    double expected = 1.0 / 3 + (1 + 2.0 / 3) / 2 / 3 + (2.0 / 3 + 3.0 / 4) / 2 / 3;
    assertEquals(expected, measured(Metrics.areaUnderPr(), scores, target), 1e-12);
  }

  @Test
  void areaUnderRocIsTheShareOfPairsInOrderTiesAHalf() {
    Tensor scores = Tensor.tensor(0.1, 0.4, 0.35, 0.8, 0.4, 0.1).unsqueeze(1);
    Tensor target = Tensor.tensor(0.0, 0.0, 1.0, 1.0, 1.0, 0.0);
    // pairs of a row of class 1 and one of class 0: 0.35 beats two of three, 0.8 all, 0.4 ties one
    assertEquals((2 + 3 + 2.5) / 9, measured(Metrics.areaUnderRoc(), scores, target), 1e-12);
    Tensor both = Tensor.cat(List.of(scores.neg(), scores), 1);
    assertEquals((2 + 3 + 2.5) / 9, measured(Metrics.areaUnderRoc(), both, target), 1e-12);
    Tensor ones = Tensor.ones(6);
    assertEquals(Double.NaN, measured(Metrics.areaUnderRoc(), scores, ones));
    refused(
        "areaUnderRoc: a target must be 0 or 1, got 2.0",
        () -> Metrics.areaUnderRoc().of(scores, ones.mul(2)));
  }

  @Test
  void shapesThatDoNotFitAreShown() {
    Tensor labels = Tensor.of(new long[] {0, 1}, 2);
    refused(
        "accuracy: an output of shape [2, 1] has no scores of two or more classes along dimension"
            + " 1",
        () -> Metrics.accuracy(Tensor.zeros(2, 1), labels));
    refused(
        "accuracy: an output of shape [3, 2] cannot be compared with targets of shape [2]",
        () -> Metrics.accuracy(Tensor.zeros(3, 2), labels));
    refused(
        "meanAbsoluteError: an output of shape [2, 3] cannot be compared with targets of shape [2]",
        () -> Metrics.meanAbsoluteError(Tensor.zeros(2, 3), labels));
  }

  private static void refused(String text, Executable call) {
    assertEquals(text, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
