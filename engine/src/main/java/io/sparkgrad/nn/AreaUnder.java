package io.sparkgrad.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** See {@link Metrics#areaUnderRoc()} and {@link Metrics#areaUnderPr()}. */
enum AreaUnder implements Metric {
  ROC("areaUnderRoc") {
    /* Mann and Whitney's U: each row of class 1 beats those of class 0 below it, and half of those with its score. */
    @Override
    double area(List<Tied> ranks, double ones, double zeros) {
      double beaten = 0;
      double below = zeros;
      for (Tied t : ranks) {
        below -= t.zeros;
        beaten += t.ones * (below + t.zeros / 2);
      }
      return beaten / (ones * zeros);
    }
  },
  PR("areaUnderPr") {
    /* MLlib's: trapezoids between the thresholds, and the first one's precision at recall 0. */
    @Override
    double area(List<Tied> ranks, double ones, double zeros) {
      double area = 0;
      double before = Double.NaN; // precision
      double taken = 0;
      double right = 0;
      for (Tied t : ranks) {
        taken += t.ones + t.zeros;
        right += t.ones;
        double precision = right / taken;
        if (Double.isNaN(before)) before = precision;
        area += t.ones / ones * (precision + before) / 2;
        before = precision;
      }
      return area;
    }
  };

  /** Rows of one score: how many of class 1, and of class 0. */
  record Tied(double ones, double zeros) {}

  private final String metric;

  AreaUnder(String metric) {
    this.metric = metric;
  }

  /** The area, from the highest score down. */
  abstract double area(List<Tied> ranks, double ones, double zeros);

  @Override
  public Value of(Tensor output, Tensor target) {
    return of(output, target, null);
  }

  /** Of each row its score, and its weight: negative in class 0. */
  @Override
  public Value of(Tensor output, Tensor target, Tensor weights) {
    double[] scores = Metrics.binaryScores(metric, output, target);
    double[] classes = target.detach().to(DType.FLOAT64).toDoubles();
    double[] counts = weights == null ? null : weights.toDoubles();
    double[] pairs = new double[2 * scores.length];
    for (int i = 0; i < scores.length; i++) {
      double count = counts == null ? 1 : counts[i];
      pairs[2 * i] = scores[i];
      pairs[2 * i + 1] = Metrics.checkBinary(metric, classes[i]) == 1 ? count : -count;
    }
    return Value.rows(pairs);
  }

  @Override
  public double finish(double[] pairs) {
    int[] order =
        IntStream.range(0, pairs.length / 2)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -pairs[2 * i]))
            .mapToInt(i -> i)
            .toArray();
    List<Tied> ranks = new ArrayList<>();
    double ones = 0;
    double zeros = 0;
    for (int from = 0, to; from < order.length; from = to) {
      double onesHere = 0;
      double zerosHere = 0;
      for (to = from; to < order.length && pairs[2 * order[to]] == pairs[2 * order[from]]; to++) {
        double count = pairs[2 * order[to] + 1];
        if (count > 0) onesHere += count;
        else zerosHere -= count;
      }
      if (to == from) return Double.NaN; // a score is
      if (onesHere + zerosHere > 0) ranks.add(new Tied(onesHere, zerosHere));
      ones += onesHere;
      zeros += zerosHere;
    }
    return area(ranks, ones, zeros);
  }

  @Override
  public String toString() {
    return metric;
  }
}
