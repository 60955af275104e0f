package io.sparkgrad.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.Arrays;
import java.util.List;

/** See {@link Metrics#r2()}. */
final class R2 implements Metric {
  private static final long serialVersionUID = 1;

  @Override
  public Value of(Tensor output, Tensor target) {
    return of(output, target, null);
  }

  /** Sums of squared errors, targets, their squares, weights and their squares. */
  @Override
  public Value of(Tensor output, Tensor target, Tensor weights) {
    Tensor off = Metrics.off("r2", output, target);
    Tensor wanted = target.detach().to(DType.FLOAT64).reshape(off.shape());
    Tensor ones = Tensor.onesLike(off);
    Tensor again = ones;
    if (weights != null) {
      int[] wide = new int[off.dim()];
      Arrays.fill(wide, 1);
      wide[0] = off.size(0);
      again = ones.mul(weights.to(DType.FLOAT64).reshape(wide));
    }
    Value value = OfSums.sums(List.of(off.square(), wanted, wanted.square(), ones, again));
    return weights == null ? value : value.weightedBy(weights);
  }

  /* MLlib has the unbiased variance of what is weighted, times the weights' sum less one. */
  @Override
  public double finish(double[] s) {
    double weight = s[3];
    double spread = s[2] - s[1] * s[1] / weight;
    double unbiased = weight - s[4] / weight;
    double all = unbiased == 0 ? spread : spread * ((weight - 1) / unbiased);
    return 1 - s[0] / all;
  }

  @Override
  public String toString() {
    return "r2";
  }
}
