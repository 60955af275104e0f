package io.sparkgrad.op;

import io.sparkgrad.Device;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
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
  public String onCuda() {
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
  public List<SampleInput> samples(Samples make) {
    return List.of(
        new SampleInput(this, make.any(3, 4)),
        new SampleInput(this, make.any(4, 3).t()),
        new SampleInput(this, make.any(0, 2)));
  }

  @Override
  public List<ErrorInput> errors(Samples make) {
    return List.of();
  }

  @Override
  String exempt(Check check) {
    return switch (check) {
      case PYTORCH -> "changes no value";
      case ERRORS -> "takes every tensor";
      default -> super.exempt(check);
    };
  }

  @Override
  Tensor forwardSparse(Tensor... in) {
    return SparseOps.onValues(this, in);
  }
}
