package io.sparkgrad.op.pointwise;

import io.sparkgrad.Device;
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

/** The same values on another device; the gradient moves back. */
final class Move extends Op implements Op.TakesStorageTypes {
  private final Device device;

  Move(Device device) {
    this.device = device;
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
  public String cudaSupport() {
    return "a copy between devices";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    return new Tensor[] {Ops.copyLike(in[0], device, in[0].dtype())};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {grads[0].to(ctx.inputDevice(0))};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 4)),
        new SampleInput(this, make.any(4, 3).t()),
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
      default -> super.exempt(check);
    };
  }

  @Override
  protected Tensor forwardSparse(Tensor... in) {
    return SparseDispatch.onValues(this, in);
  }
}
