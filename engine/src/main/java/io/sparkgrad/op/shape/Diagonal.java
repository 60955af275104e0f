package io.sparkgrad.op.shape;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.Dims;
import java.util.Arrays;
import java.util.List;

/** A view of the diagonals of two dimensions, as a last dimension. */
final class Diagonal extends Op implements Op.TakesStorageTypes {
  private final int offset;
  private final int dim1;
  private final int dim2;

  /** An offset above 0 is above the main diagonal. */
  Diagonal(int offset, int dim1, int dim2) {
    this.offset = offset;
    this.dim1 = dim1;
    this.dim2 = dim2;
  }

  @Override
  public String cudaSupport() {
    return "a view";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    Dims dims = Dims.of(name(), x, new int[] {dim1, dim2}, false);
    int d1 = Shape.dim(dim1, x.dim());
    int d2 = Shape.dim(dim2, x.dim());
    int down = Math.max(0, -offset);
    int right = Math.max(0, offset);
    int n = Math.max(0, Math.min(x.shape()[d1] - down, x.shape()[d2] - right));
    int rank = x.dim() - 1;
    int[] shape = Arrays.copyOf(Dims.pick(x.shape(), dims.kept()), rank);
    int[] strides = Arrays.copyOf(Dims.pick(x.strides(), dims.kept()), rank);
    shape[rank - 1] = n;
    strides[rank - 1] = x.strides()[d1] + x.strides()[d2];
    int from = n == 0 ? 0 : down * x.strides()[d1] + right * x.strides()[d2];
    return new Tensor[] {x.alias(shape, strides, x.offset() + from)};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {Ops.call(new ViewAdjoint(this, ctx.inputShape(0)), grads[0])};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Diagonal(0, 1, 2), make.any(2, 3, 4)),
        new SampleInput(new Diagonal(1, 0, 1), make.any(3, 3)),
        new SampleInput(new Diagonal(-1, 0, -1), make.any(4, 2, 3)),
        new SampleInput(new Diagonal(5, 0, 1), make.any(3, 3)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Diagonal(0, 0, 2)
            .errorInput(
                "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
                make.any(2, 3)),
        new Diagonal(0, 0, 0)
            .errorInput("dim 0 appears multiple times in the list of dims", make.any(2, 3)));
  }
}
