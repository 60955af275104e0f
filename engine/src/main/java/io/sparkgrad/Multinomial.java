package io.sparkgrad;

import io.sparkgrad.random.Generator;
import java.util.Arrays;

/** Indices drawn by weight. */
final class Multinomial {
  private Multinomial() {}

  static Tensor of(Tensor weights, int n, boolean replacement) {
    check(weights, n, replacement);
    boolean sorts = !replacement || n == 1;
    if (weights.device().isCuda())
      return sorts ? largestQuotients(weights, n) : byInverse(weights, n);
    int classes = weights.size(-1);
    int rows = weights.numel() / classes;
    double[] w = weights.toDoubles();
    long[] drawn = new long[rows * n];
    for (int r = 0; r < rows; r++) {
      double[] row = Arrays.copyOfRange(w, r * classes, (r + 1) * classes);
      long[] indices = sorts ? largestQuotients(row, n, weights.dtype()) : byInverse(row, n);
      System.arraycopy(indices, 0, drawn, r * n, n);
    }
    int[] shape = weights.shape().clone();
    shape[shape.length - 1] = n;
    return Tensor.of(drawn, shape);
  }

  /* Of weights divided by exponential numbers the largest: Efraimidis and Spirakis 2006. */
  private static long[] largestQuotients(double[] w, int n, DType dtype) {
    double[] keys = new double[w.length];
    for (int i = 0; i < w.length; i++) {
      double e = -Math.log(1 - Generator.current().nextDouble());
      keys[i] = dtype == DType.FLOAT32 ? (float) w[i] / (float) e : w[i] / e;
    }
    return Tensor.of(keys, keys.length).topk(n, 0).indices().toLongs();
  }

  private static long[] byInverse(double[] w, int n) {
    double sum = Arrays.stream(w).sum();
    double[] upTo = w.clone();
    for (int i = 1; i < upTo.length; i++) upTo[i] += upTo[i - 1];
    long[] drawn = new long[n];
    for (int i = 0; i < n; i++) {
      double u = Generator.current().nextDouble();
      int k = 0;
      while (k < w.length - 1 && upTo[k] / sum < u) k++;
      drawn[i] = k;
    }
    return drawn;
  }

  /* The same two ways on a GPU, with its own random numbers. */

  private static Tensor largestQuotients(Tensor weights, int n) {
    Tensor e = Tensor.rand(weights.device(), weights.dtype(), weights.shape()).neg().log1p().neg();
    return weights.div(e.clampMin(Float.MIN_NORMAL)).topk(n, -1).indices();
  }

  private static Tensor byInverse(Tensor weights, int n) {
    int[] shape = weights.shape().clone();
    shape[shape.length - 1] = n;
    Tensor upTo = weights.cumsum(-1);
    Tensor u = Tensor.rand(weights.device(), weights.dtype(), shape);
    Tensor drawn = upTo.searchsorted(u.mul(upTo.narrow(-1, weights.size(-1) - 1, 1)), false);
    return drawn.clampMax(weights.size(-1) - 1);
  }

  private static void check(Tensor weights, int n, boolean replacement) {
    if (!weights.dtype().isFloatingPoint())
      throw error("only supports floating-point dtypes for input, got: " + weights.dtype());
    if (weights.dim() != 1 && weights.dim() != 2) throw error("prob_dist must be 1 or 2 dim");
    if (n <= 0) throw error("cannot sample n_sample <= 0 samples");
    if (!replacement && n > weights.size(-1))
      throw error("cannot sample n_sample > prob_dist.size(-1) samples without replacement");
    if (weights.isfinite().logicalAnd(weights.ge(0)).all().item() == 0)
      throw error("probability tensor contains either `inf`, `nan` or element < 0");
    if (weights.sum(-1).le(0).any().item() != 0)
      throw error("invalid multinomial distribution (sum of probabilities <= 0)");
  }

  private static IllegalArgumentException error(String text) {
    return new IllegalArgumentException("multinomial: " + text);
  }
}
