package io.sparkgrad.op;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import java.util.List;

/** New numbers of the same value, in the order of the tensor's own or contiguous. */
public final class Clone extends Op implements Op.TakesStorageTypes {
  private final boolean contiguous;

  Clone() {
    this(false);
  }

  private Clone(boolean contiguous) {
    this.contiguous = contiguous;
  }

  static Clone contiguous() {
    return new Clone(true);
  }

  @Override
  public String onCuda() {
    return "the kernels of copy";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    return new Tensor[] {contiguous ? Ops.copy(x) : Ops.copyLike(x, x.device(), x.dtype())};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return grads;
  }

  @Override
  public List<SampleInput> samples(Samples make) {
    return List.of(
        new SampleInput(this, make.any(3, 4).t()),
        new SampleInput(this, make.any()),
        new SampleInput(this, make.any(0)));
  }

  @Override
  public List<ErrorInput> errors(Samples make) {
    return List.of();
  }

  @Override
  String exempt(Check check) {
    return switch (check) {
      case ERRORS -> "takes every tensor";
      default -> super.exempt(check);
    };
  }

  @Override
  Tensor forwardSparse(Tensor... in) {
    return SparseOps.onValues(this, in);
  }

  /** What {@code tensor.clone()} records. */
  public static Tensor of(Tensor t) {
    return Ops.call(new Clone(), t);
  }
}
