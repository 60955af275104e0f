package io.sparkgrad.op.reduce;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/**
 * y[k] = x[0] + ... + x[k] along a dimension; dx[k] = g[k] + ... + g[n - 1]. Integers become int64.
 */
final class Cumsum extends Op {
  private final int dim;

  Cumsum(int dim) {
    this.dim = dim;
  }

  @Override
  public String cudaSupport() {
    return "a scan";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Shape.dim(dim, in[0].dim());
    Tensor x = in[0].dtype().isFloatingPoint() ? in[0] : in[0].to(DType.INT64);
    return new Tensor[] {Ops.call(Scan.sum(dim, false), x, one(x))};
  }

  private static Tensor one(Tensor like) {
    return Tensor.full(1, like.dtype()).to(like.device());
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    if (isAlone(g)) return new Tensor[] {g};
    return new Tensor[] {Ops.named("FlipBackward0", Ops.call(Scan.sum(dim, true), g, one(g)))};
  }

  /* Whether each element is a line of its own. */
  private boolean isAlone(Tensor t) {
    return t.numel() <= 1 || t.size(dim) == 1;
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Cumsum(1), make.any(3, 5)),
        new SampleInput(new Cumsum(0), make.any(3, 4).t()),
        new SampleInput(new Cumsum(-1), make.any(2, 3, 4)),
        new SampleInput(new Cumsum(0), make.any()),
        new SampleInput(new Cumsum(1), make.any(3, 0)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Cumsum(2)
            .errorInput(
                "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
                make.any(2, 3)));
  }
}
