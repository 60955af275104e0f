package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
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

  @Test
  void shapesThatDoNotFitAreShown() {
    Tensor labels = Tensor.of(new long[] {0, 1}, 2);
    refused(
        "accuracy: an output of shape [2, 1] has no scores of two or more classes along dimension 1",
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
