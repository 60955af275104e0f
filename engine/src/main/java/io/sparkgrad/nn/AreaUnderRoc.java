package io.sparkgrad.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.Comparator;
import java.util.stream.IntStream;

/** See {@link Metrics#areaUnderRoc()}. */
final class AreaUnderRoc implements Metric {
  private static final long serialVersionUID = 1;

  /** Of each row its score and its class, 0 or 1. */
  @Override
  public Value of(Tensor output, Tensor target) {
    double[] scores = Metrics.binaryScores("areaUnderRoc", output, target);
    double[] classes = target.detach().to(DType.FLOAT64).toDoubles();
    double[] pairs = new double[2 * scores.length];
    for (int i = 0; i < scores.length; i++) {
      pairs[2 * i] = scores[i];
      pairs[2 * i + 1] = Metrics.checkBinary("areaUnderRoc", classes[i]);
    }
    return Value.rows(pairs);
  }

  /* By ranks: Mann and Whitney's U; rows of one score share the mean of their ranks. */
  @Override
  public double finish(double[] pairs) {
    int n = pairs.length / 2;
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> pairs[2 * i]))
            .mapToInt(i -> i)
            .toArray();
    double ranks = 0; // of class 1
    double ones = 0;
    for (int from = 0, to; from < n; from = to) {
      double onesHere = 0;
      for (to = from; to < n && pairs[2 * order[to]] == pairs[2 * order[from]]; to++)
        onesHere += pairs[2 * order[to] + 1];
      if (to == from) return Double.NaN; // a score is
      ranks += onesHere * (from + 1 + to) / 2;
      ones += onesHere;
    }
    return (ranks - ones * (ones + 1) / 2) / (ones * (n - ones));
  }

  @Override
  public String toString() {
    return "areaUnderRoc";
  }
}
