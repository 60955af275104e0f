package io.sparkgrad.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.Comparator;
import java.util.stream.IntStream;

/** See {@link Metrics#areaUnderRoc()}. */
final class AreaUnderRoc implements Metric {
  private static final long serialVersionUID = 1;

  @Override
  public Value of(Tensor output, Tensor target) {
    return of(output, target, null);
  }

  /** Of each row its score, and its weight: negative in class 0. */
  @Override
  public Value of(Tensor output, Tensor target, Tensor weights) {
    double[] scores = Metrics.binaryScores("areaUnderRoc", output, target);
    double[] classes = target.detach().to(DType.FLOAT64).toDoubles();
    double[] counts = weights == null ? null : weights.toDoubles();
    double[] pairs = new double[2 * scores.length];
    for (int i = 0; i < scores.length; i++) {
      double count = counts == null ? 1 : counts[i];
      pairs[2 * i] = scores[i];
      pairs[2 * i + 1] = Metrics.checkBinary("areaUnderRoc", classes[i]) == 1 ? count : -count;
    }
    return Value.rows(pairs);
  }

  /* Mann and Whitney's U: each row of class 1 beats those of class 0 below it, and half of those with its score. */
  @Override
  public double finish(double[] pairs) {
    int n = pairs.length / 2;
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> pairs[2 * i]))
            .mapToInt(i -> i)
            .toArray();
    double beaten = 0;
    double ones = 0;
    double zeros = 0;
    for (int from = 0, to; from < n; from = to) {
      double onesHere = 0;
      double zerosHere = 0;
      for (to = from; to < n && pairs[2 * order[to]] == pairs[2 * order[from]]; to++) {
        double count = pairs[2 * order[to] + 1];
        if (count > 0) onesHere += count;
        else zerosHere -= count;
      }
      if (to == from) return Double.NaN; // a score is
      beaten += onesHere * (zeros + zerosHere / 2);
      ones += onesHere;
      zeros += zerosHere;
    }
    return beaten / (ones * zeros);
  }

  @Override
  public String toString() {
    return "areaUnderRoc";
  }
}
