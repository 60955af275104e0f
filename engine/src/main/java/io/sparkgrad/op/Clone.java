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

  public static Clone contiguous() {
    return new Clone(true);
  }

  @Override
  public String cudaSupport() {
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
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 4).t()),
        new SampleInput(this, make.any()),
        new SampleInput(this, make.any(0)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of();
  }

  @Override
  protected String exempt(Check check) {
    return switch (check) {
      case ERRORS -> "takes every tensor";
      default -> super.exempt(check);
    };
  }

  @Override
  protected Tensor forwardSparse(Tensor... in) {
    return SparseDispatch.onValues(this, in);
  }

  /** Copies, recorded: {@code tensor.clone()}. */
  public static Tensor of(Tensor t) {
    return Ops.call(new Clone(), t);
  }
}
