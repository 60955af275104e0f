package io.sparkgrad.op;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;

/**
 * The family of ops that turn each row along one dimension into a row of the same length: softmax
 * and its kin.
 */
abstract class Rows extends Op {
  final int dim;

  Rows(int dim) {
    this.dim = dim;
  }

  /** Rewrites {@code row[0..n)}. */
  abstract void row(int n, double[] row);

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    if (!x.dtype().isFloatingPoint()) {
      throw new IllegalArgumentException(
          name() + ": not implemented for " + x.dtype() + "; use .to(FLOAT32)");
    }
    int d = Shape.dim(dim, x.dim());
    Tensor out = Tensor.empty(x.device(), x.dtype(), x.shape());
    if (out.numel() > 0) each(x, d, out);
    ctx.save(out);
    return new Tensor[] {out};
  }

  private void each(Tensor x, int d, Tensor out) {
    int n = x.dim() == 0 ? 1 : x.shape()[d];
    int from = x.dim() == 0 ? 1 : x.strides()[d];
    int to = x.dim() == 0 ? 1 : out.strides()[d];
    int[] kept = Dims.of(name(), x, new int[] {d}, false).kept();
    Loops.Walk walk =
        new Loops.Walk(
            Dims.pick(x.shape(), kept),
            new int[][] {Dims.pick(x.strides(), kept), Dims.pick(out.strides(), kept)},
            new int[] {x.offset(), out.offset()});
    double[] row = new double[n];
    do {
      for (int i = 0; i < walk.run; i++) {
        Lane.DOUBLE.load(x.storage(), walk.at(0) + i * walk.step(0), from, n, row);
        row(n, row);
        Lane.DOUBLE.store(row, out.storage(), walk.at(1) + i * walk.step(1), to, n);
      }
    } while (walk.next());
  }

  static double max(int n, double[] row) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) max = Math.max(max, row[i]);
    return max;
  }

  @Override
  public java.util.List<Sample> samples(Samples make) {
    return java.util.List.of(
        new Sample(with(1), make.any(3, 5)),
        new Sample(with(0), make.any(3, 5)),
        new Sample(with(-1), make.any(2, 3, 4)),
        new Sample(with(1), make.any(2, 3, 4)),
        new Sample(with(0), make.any()),
        new Sample(with(0), make.any(0, 3)),
        new Sample(with(0), make.any(4, 3).t()));
  }

  abstract Rows with(int dim);
}
