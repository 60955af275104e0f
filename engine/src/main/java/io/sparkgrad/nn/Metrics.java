package io.sparkgrad.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.Arrays;
import java.util.List;

/** Common measures, for {@code SparkTrainer.metric("accuracy", Metrics::accuracy)}. */
public final class Metrics {
  private Metrics() {}

  /**
   * The share of targets [n, ...], class numbers, that have the largest of the scores [n, classes,
   * ...]; {@link Losses#IGNORED} ones do not count.
   */
  public static Metric.Value accuracy(Tensor output, Tensor target) {
    checkScores("accuracy", output);
    Tensor guess = output.detach().argmax(1); // [n, classes, ...] -> [n, ...]
    if (!Arrays.equals(guess.shape(), target.shape())) throw unlike("accuracy", output, target);
    Tensor right = guess.to(DType.FLOAT64).eq(target.detach());
    return OfSums.sums(List.of(right, target.detach().ne(Losses.IGNORED)));
  }

  /** The mean of |output - target|; a target [n] fits an output [n, 1]. */
  public static Metric.Value meanAbsoluteError(Tensor output, Tensor target) {
    Tensor off = off("meanAbsoluteError", output, target).abs();
    return OfSums.sums(List.of(off, Tensor.onesLike(off)));
  }

  /** The root of the mean of (output - target)²; a target [n] fits an output [n, 1]. */
  public static Metric rmse() {
    return new OfSums(
        "rmse",
        (output, target) -> {
          Tensor off = off("rmse", output, target);
          return List.of(off.square(), Tensor.onesLike(off));
        },
        s -> Math.sqrt(s[0] / s[1]));
  }

  /**
   * The share of the targets' variance that the outputs explain, as MLlib's r2. Targets far from 0
   * beside their deviation lose digits. Weighted, the variance is MLlib's unbiased one.
   */
  public static Metric r2() {
    return new R2();
  }

  static Tensor off(String metric, Tensor output, Tensor target) {
    if (output.numel() != target.numel()) throw unlike(metric, output, target);
    Tensor wanted = target.detach().to(DType.FLOAT64).reshape(output.shape());
    return output.detach().to(DType.FLOAT64).sub(wanted);
  }

  /** The share of targets that are among the k largest of the scores [n, classes]. */
  public static Metric topK(int k) {
    if (k < 1) throw new IllegalArgumentException("topK: k must be at least 1, got " + k);
    return (output, target) -> {
      checkScores("topK", output);
      if (k > output.size(1))
        throw new IllegalArgumentException(
            "topK: k of %s is more than the %s classes".formatted(k, output.size(1)));
      Tensor wanted = target.detach().to(DType.INT64).unsqueeze(1);
      Tensor best = output.detach().topk(k, 1).indices();
      return OfSums.sums(List.of(best.eq(wanted), wanted.ne(Losses.IGNORED)));
    };
  }

  /**
   * Of the rows that are taken for a class, the share that are of it, 0 if none are: MLlib's
   * precisionByLabel. Scores are [n, classes]; one a row is the log-odds of class 1 against class
   * 0.
   */
  public static Metric precision(long ofClass) {
    return new OfSums("precision", taken("precision", ofClass), s -> s[1] == 0 ? 0 : s[0] / s[1]);
  }

  /** Of the rows of a class, the share that are taken for it: MLlib's recallByLabel. */
  public static Metric recall(long ofClass) {
    return new OfSums("recall", taken("recall", ofClass), s -> s[0] / s[2]);
  }

  /** The harmonic mean of {@link #precision} and {@link #recall}: MLlib's fMeasureByLabel. */
  public static Metric f1(long ofClass) {
    return new OfSums("f1", taken("f1", ofClass), s -> 2 * s[0] / (s[1] + s[2]));
  }

  /** Rows of the class that are taken for it, those taken for it, and those that are of it. */
  private static OfSums.Each taken(String metric, long ofClass) {
    return (output, target) -> {
      Tensor is = target.detach().to(DType.INT64).eq(ofClass);
      Tensor counts = target.detach().ne(Losses.IGNORED);
      Tensor taken = guess(metric, output, target).eq(ofClass).logicalAnd(counts);
      return List.of(taken.logicalAnd(is), taken, is);
    };
  }

  private static Tensor guess(String metric, Tensor output, Tensor target) {
    Tensor scores = output.detach();
    if (scores.numel() == target.numel())
      return scores.gt(0).reshape(target.shape()).to(DType.INT64);
    checkScores(metric, output);
    Tensor guess = scores.argmax(1);
    if (!Arrays.equals(guess.shape(), target.shape())) throw unlike(metric, output, target);
    return guess;
  }

  /**
   * The area under the curve of true over false positives, of all rows: the share of pairs of a row
   * of class 1 and one of class 0 of which the first has the higher score. Scores are [n] or [n,
   * 1], or [n, 2], of class 0 and class 1. The driver holds 16 bytes a row.
   */
  public static Metric areaUnderRoc() {
    return AreaUnder.ROC;
  }

  /**
   * The area under the curve of precision over recall, of all rows, for few of class 1 among many:
   * MLlib's areaUnderPR. As {@link #areaUnderRoc} in all else.
   */
  public static Metric areaUnderPr() {
    return AreaUnder.PR;
  }

  /** Of each row by how much class 1 is more likely than class 0. */
  static double[] binaryScores(String metric, Tensor output, Tensor target) {
    Tensor scores = output.detach().to(DType.FLOAT64);
    if (scores.numel() == target.numel()) return scores.toDoubles();
    if (scores.dim() != 2 || scores.size(1) != 2 || scores.size(0) != target.numel())
      throw unlike(metric, output, target);
    return scores.select(1, 1).sub(scores.select(1, 0)).toDoubles();
  }

  static double checkBinary(String metric, double of) {
    if (of == 0 || of == 1) return of;
    throw new IllegalArgumentException("%s: a target must be 0 or 1, got %s".formatted(metric, of));
  }

  private static void checkScores(String metric, Tensor output) {
    if (output.dim() < 2 || output.shape()[1] < 2)
      throw new IllegalArgumentException(
          "%s: an output of shape %s has no scores of two or more classes along dimension 1"
              .formatted(metric, Arrays.toString(output.shape())));
  }

  private static IllegalArgumentException unlike(String metric, Tensor output, Tensor target) {
    return new IllegalArgumentException(
        "%s: an output of shape %s cannot be compared with targets of shape %s"
            .formatted(metric, Arrays.toString(output.shape()), Arrays.toString(target.shape())));
  }
}
