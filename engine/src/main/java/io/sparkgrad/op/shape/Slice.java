package io.sparkgrad.op.shape;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/** A view of every {@code step}-th element from start to before end along a dimension. */
final class Slice extends Op implements Op.TakesStorageTypes {
  private final int dim;
  private final int start;
  private final int end;
  private final int step;

  /** Ends are cut to the dimension; negative ones count from its end. */
  Slice(int dim, int start, int end, int step) {
    if (step <= 0) throw new IllegalArgumentException("slice step must be positive, got " + step);
    this.dim = dim;
    this.start = start;
    this.end = end;
    this.step = step;
  }

  @Override
  public String cudaSupport() {
    return "a view";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    if (x.dim() == 0)
      throw new IllegalArgumentException("slice() cannot be applied to a 0-dim tensor.");
    int d = Shape.dim(dim, x.dim());
    int n = x.shape()[d];
    int from = cut(start, n);
    int[] shape = x.shape().clone();
    int[] strides = x.strides().clone();
    shape[d] = (Math.max(0, cut(end, n) - from) + step - 1) / step;
    strides[d] *= step;
    return new Tensor[] {x.alias(shape, strides, x.offset() + from * x.strides()[d])};
  }

  private static int cut(int at, int n) {
    return Math.max(0, Math.min(n, at < 0 ? at + n : at));
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {Ops.call(new ViewAdjoint(this, ctx.inputShape(0)), grads[0])};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Slice(1, 0, 3, 2), make.any(2, 3, 4)),
        new SampleInput(new Slice(-1, -3, 100, 1), make.any(3, 4)),
        new SampleInput(new Slice(0, 1, 4, 3), make.any(3, 4).t()),
        new SampleInput(new Slice(0, 2, 1, 1), make.any(3)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new ErrorInput("slice step must be positive, got 0", () -> make.any(3).slice(0, 0, 3, 0)),
        errorInput("slice() cannot be applied to a 0-dim tensor.", make.any()));
  }
}
