package io.sparkgrad.op.shape;

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
 * A copy whose elements are moved along a dimension, what leaves at one end enters at the other.
 */
final class Roll extends Op implements Op.TakesStorageTypes {
  private final int shift;
  private final int dim;

  Roll(int shift, int dim) {
    this.shift = shift;
    this.dim = dim;
  }

  @Override
  public String cudaSupport() {
    return "two copies";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    if (x.numel() == 0) return new Tensor[] {Ops.copy(x)};
    int n = x.size(dim);
    int d = Shape.dim(dim, x.dim());
    int head = Math.floorMod(shift, n);
    Tensor out = Tensor.empty(x.device(), x.dtype(), x.shape());
    Copy.copy(x.narrow(d, n - head, head), out.narrow(d, 0, head));
    Copy.copy(x.narrow(d, 0, n - head), out.narrow(d, head, n - head));
    return new Tensor[] {out};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {grads[0].roll(-shift, dim)};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Roll(2, 2), make.any(2, 3, 4)),
        new SampleInput(new Roll(-1, 0), make.any(4, 3).t()),
        new SampleInput(new Roll(7, -1), make.any(2, 3)),
        new SampleInput(new Roll(1, 0), make.any(0, 3)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Roll(1, 2)
            .errorInput(
                "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
                make.any(2, 3)));
  }
}
