package io.sparkgrad.op.reduce;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.Copy;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/**
 * y[k] = x[0]···x[k] along a dimension; dx[k] = x[0]···x[k - 1]·r[k], r[k] = g[k] + x[k + 1]·r[k +
 * 1], right at zeros, too. Integers become int64.
 */
final class Cumprod extends Op {
  private final int dim;

  Cumprod(int dim) {
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
    boolean alone = x.dim() == 0 || x.numel() == 0;
    Tensor out = alone ? Ops.copy(x) : Ops.call(new Scan(dim, false), first(x), x);
    ctx.save(in[0], out);
    return new Tensor[] {out};
  }

  private Tensor first(Tensor x) {
    Tensor first = x.newZeros(x.shape());
    Copy.copy(x.select(dim, 0), first.select(dim, 0));
    return first;
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    Tensor x = ctx.saved(0);
    if (x.numel() <= 1 || x.size(dim) == 1) return new Tensor[] {g};
    return new Tensor[] {
      Ops.call(new Scan(dim, true), g, x.roll(-1, dim)).mul(Scan.productOfOthers(x, dim, false))
    };
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Cumprod(1), make.any(3, 5)),
        new SampleInput(new Cumprod(0), make.any(3, 4).t()),
        new SampleInput(new Cumprod(-1), make.any(2, 3, 4)),
        new SampleInput(new Cumprod(0), make.any()),
        new SampleInput(new Cumprod(1), make.any(3, 0)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Cumprod(2)
            .errorInput(
                "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
                make.any(2, 3)));
  }
}
