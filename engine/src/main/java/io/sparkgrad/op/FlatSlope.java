package io.sparkgrad.op;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import java.util.List;

/**
 * A derivative as it is, chosen by a tensor's numbers among slopes that do not change: zeros are
 * its gradient by that tensor.
 */
public final class FlatSlope extends Op {
  /** The derivative, which a pass that records knows to be flat by a tensor. */
  public static Tensor by(Tensor saved, Tensor dx) {
    return Grad.isEnabled() && saved.requiresGrad() ? Ops.call(new FlatSlope(), dx, saved) : dx;
  }

  @Override
  public String cudaSupport() {
    return "a view";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor dx = in[0];
    return new Tensor[] {dx.alias(dx.shape(), dx.strides(), dx.offset())};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    return new Tensor[] {g, ctx.needsGrad(1) ? g.newZeros(ctx.inputShape(1)) : null};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(2, 3), make.any(2, 3)),
        new SampleInput(this, make.any(4, 3).t(), make.any(3, 4)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of();
  }

  @Override
  protected String exempt(Check check) {
    return switch (check) {
      case PYTORCH, METHOD, ERRORS -> "a step of derivatives";
      default -> super.exempt(check);
    };
  }
}
