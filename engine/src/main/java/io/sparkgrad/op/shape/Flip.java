package io.sparkgrad.op.shape;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.Copy;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.Dims;
import java.util.List;

/** A copy with the order along some dimensions reversed. */
final class Flip extends Op implements Op.TakesStorageTypes {
  private final int[] dims;

  Flip(int... dims) {
    this.dims = dims;
  }

  @Override
  public String cudaSupport() {
    return "a copy";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    int[] strides = x.strides().clone();
    int offset = x.offset();
    for (int d : Dims.of(name(), x, dims, false).folded()) {
      if (dims.length == 0 || x.numel() == 0) continue;
      offset += (x.shape()[d] - 1) * strides[d];
      strides[d] = -strides[d];
    }
    Tensor out = Ops.emptyLike(x.dtype(), x.shape(), x);
    Copy.copy(x.alias(x.shape(), strides, offset), out);
    return new Tensor[] {out};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {Ops.call(this, grads[0])};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Flip(0, 2), make.any(2, 3, 4)),
        new SampleInput(new Flip(-1), make.any(4, 3).t()),
        new SampleInput(new Flip(), make.any(3)),
        new SampleInput(new Flip(0), make.any(0, 3)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Flip(2)
            .errorInput(
                "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
                make.any(2, 3)),
        new Flip(0, 0)
            .errorInput("dim 0 appears multiple times in the list of dims", make.any(2, 3)));
  }
}
