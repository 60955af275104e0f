package io.sparkgrad.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.Arrays;

/** Common measures, for {@code SparkTrainer.metric("accuracy", Metrics::accuracy)}. */
public final class Metrics {
  private Metrics() {}

  /**
   * The share of targets [n, ...], class numbers, that have the largest of the scores [n, classes,
   * ...]; {@link Losses#IGNORED} ones do not count.
   */
  public static Metric.Value accuracy(Tensor output, Tensor target) {
    if (output.dim() < 2 || output.shape()[1] < 2)
      throw new IllegalArgumentException(
          "accuracy: an output of shape %s has no scores of two or more classes along dimension 1"
              .formatted(Arrays.toString(output.shape())));
    Tensor guess = output.detach().argmax(1); // [n, classes, ...] -> [n, ...]
    if (!Arrays.equals(guess.shape(), target.shape())) throw unlike("accuracy", output, target);
    Tensor right = guess.to(DType.FLOAT64).eq(target.detach());
    return new Metric.Value(right.sum().item(), Losses.counted(target.detach()).item());
  }

  /** The mean of |output - target|; a target [n] fits an output [n, 1]. */
  public static Metric.Value meanAbsoluteError(Tensor output, Tensor target) {
    if (output.numel() != target.numel()) throw unlike("meanAbsoluteError", output, target);
    Tensor wanted = target.detach().to(DType.FLOAT64).reshape(output.shape());
    Tensor off = output.detach().to(DType.FLOAT64).sub(wanted).abs();
    return new Metric.Value(off.sum().item(), off.numel());
  }

  private static IllegalArgumentException unlike(String metric, Tensor output, Tensor target) {
    return new IllegalArgumentException(
        "%s: an output of shape %s cannot be compared with targets of shape %s"
            .formatted(metric, Arrays.toString(output.shape()), Arrays.toString(target.shape())));
  }
}
