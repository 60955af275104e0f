package io.sparkgrad.op.random;

import io.sparkgrad.Tensor;
import io.sparkgrad.random.Generator;
import java.util.Arrays;

/** Indices drawn by weight. */
final class Multinomial {
  private Multinomial() {}

  static Tensor of(Tensor weights, int n, boolean replacement) {
    check(weights, n, replacement);
    Tensor w = weights.detach();
    if (!replacement) return largestQuotients(w, n);
    if (w.device().isCuda()) return byInverse(w, n);
    int classes = w.size(-1);
    int rows = w.numel() / classes;
    double[] all = w.toDoubles();
    long[] drawn = new long[rows * n];
    for (int r = 0; r < rows; r++) {
      double[] row = Arrays.copyOfRange(all, r * classes, (r + 1) * classes);
      System.arraycopy(byInverse(row, n), 0, drawn, r * n, n);
    }
    int[] shape = w.shape().clone();
    shape[shape.length - 1] = n;
    return Tensor.of(drawn, shape);
  }

  /* Of weights divided by exponential numbers the largest: Efraimidis and Spirakis 2006. */
  private static Tensor largestQuotients(Tensor w, int n) {
    return w.div(RandomFill.exponential(RandomFill.like(w), 1)).topk(n, -1).indices();
  }

  private static long[] byInverse(double[] w, int n) {
    double sum = Arrays.stream(w).sum();
    double[] upTo = w.clone();
    for (int i = 1; i < upTo.length; i++) upTo[i] += upTo[i - 1];
    double[] uniform = new double[n];
    Generator.current().fillUniform(uniform, 0, n);
    long[] drawn = new long[n];
    for (int i = 0; i < n; i++) {
      double u = uniform[i];
      int k = 0;
      while (k < w.length - 1 && upTo[k] / sum < u) k++;
      drawn[i] = k;
    }
    return drawn;
  }

  /* The same on a GPU, with its own random numbers. */

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
