package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.Check;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.SparseDispatch;
import java.util.List;

/** The same values in another dtype; the gradient is cast back. */
final class Cast extends Op implements Op.TakesStorageTypes {
  private final DType dtype;

  Cast(DType dtype) {
    this.dtype = dtype;
  }

  @Override
  public String name() {
    return "to";
  }

  @Override
  public String nodeName() {
    return "ToCopyBackward0";
  }

  @Override
  public boolean isDifferentiable() {
    return dtype.isFloatingPoint();
  }

  @Override
  public String cudaSupport() {
    return "the kernels of copy";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    return new Tensor[] {Ops.copyLike(in[0], in[0].device(), dtype)};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {grads[0].to(ctx.inputDType(0))};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 4)),
        new SampleInput(this, make.any()),
        new SampleInput(this, make.any(0, 2)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of();
  }

  @Override
  protected String exempt(Check check) {
    return switch (check) {
      case PYTORCH -> "changes no value";
      case ERRORS -> "takes every tensor";
      case FLOAT32 -> "its type is asked for";
      default -> super.exempt(check);
    };
  }

  @Override
  protected Tensor forwardSparse(Tensor... in) {
    return SparseDispatch.onValues(this, in);
  }
}
