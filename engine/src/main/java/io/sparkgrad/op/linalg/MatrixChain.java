package io.sparkgrad.op.linalg;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import java.util.Arrays;

/** Products of several matrices in the order that needs the fewest multiplications. */
final class MatrixChain {
  private final Tensor[] all;
  /* Where the product of i to j is cut in two. */
  private final int[][] cut;

  private MatrixChain(Tensor... all) {
    this.all = all;
    int n = all.length;
    cut = new int[n][n];
    double[][] cost = new double[n][n];
    for (int length = 1; length < n; length++) {
      for (int i = 0; i + length < n; i++) {
        int j = i + length;
        cost[i][j] = Double.POSITIVE_INFINITY;
        for (int k = i; k < j; k++) {
          double own = (double) all[i].size(0) * all[k].size(1) * all[j].size(1);
          double sum = cost[i][k] + cost[k + 1][j] + own;
          if (sum >= cost[i][j]) continue;
          cost[i][j] = sum;
          cut[i][j] = k;
        }
      }
    }
  }

  static Tensor product(Tensor... all) {
    for (Tensor t : all) {
      if (t.dim() != 2)
        throw new IllegalArgumentException(
            "chainMatmul: expected matrices, got shape " + Arrays.toString(t.shape()));
      if (t != all[0]) Gemm.checkTypes("chainMatmul", all[0], t);
    }
    return Composite.named(
        "chainMatmul",
        () -> {
          Tensor y = new MatrixChain(all).product(0, all.length - 1);
          return all.length == 1 ? y.clone() : y.view(y.shape());
        });
  }

  private Tensor product(int i, int j) {
    return i == j ? all[i] : product(i, cut[i][j]).mm(product(cut[i][j] + 1, j));
  }
}
