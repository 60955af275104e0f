package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.nn.FlatParameters;
import java.util.List;

/** The plain loop's validation losses, and where early stopping must end by them. */
record ValidationCurve(int workers, List<Double> losses, int best, int stop) {
  ValidationCurve(int workers, int epochs, int patience) {
    this(workers, of(workers, epochs).stream().map(PlainLoop.Measured::loss).toList(), patience);
  }

  private ValidationCurve(int workers, List<Double> losses, int patience) {
    this(workers, losses, best(losses, stop(losses, patience)), stop(losses, patience));
  }

  static List<PlainLoop.Measured> of(int workers, int epochs) {
    return PlainLoop.epochs(workers, epochs).stream()
        .map(weights -> PlainLoop.validate(weights, workers))
        .toList();
  }

  /** The first epoch that is {@code patience} behind the best before it; else the last. */
  private static int stop(List<Double> losses, int patience) {
    for (int epoch = 1; epoch <= losses.size(); epoch++)
      if (epoch - best(losses, epoch) >= patience) return epoch;
    return losses.size();
  }

  private static int best(List<Double> losses, int until) {
    int best = 1;
    for (int epoch = 2; epoch <= until; epoch++)
      if (losses.get(epoch - 1) < losses.get(best - 1)) best = epoch;
    return best;
  }

  void check(TrainingResult result) {
    assertEquals(losses.subList(0, stop), result.validationLosses());
    assertEquals(stop, result.losses().size());
    assertEquals(best, result.bestEpoch());
    assertArrayEquals(
        PlainLoop.train(workers, best * (long) PlainLoop.STEPS_PER_EPOCH),
        new FlatParameters(result.model()).toFloats());
  }
}
