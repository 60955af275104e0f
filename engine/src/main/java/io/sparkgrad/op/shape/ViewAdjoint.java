package io.sparkgrad.op.shape;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.Check;
import io.sparkgrad.op.Copy;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/**
 * The adjoint of a view that shows each number at most once: zeros of the base's shape in which the
 * view shows x. The gradient is that view again.
 */
public final class ViewAdjoint extends Op implements Op.TakesStorageTypes {
  private final Op view;
  private final int[] shape;

  /** The shape is the base's. */
  ViewAdjoint(Op view, int... shape) {
    this.view = view;
    this.shape = shape;
  }

  @Override
  public String nodeName() {
    return view.nodeName().replace("Backward0", "BackwardBackward0");
  }

  @Override
  public String cudaSupport() {
    return "zeros, and a copy into a view of them";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor out = in[0].newZeros(shape);
    Copy.copy(in[0], Ops.unrecorded(view, out)[0]);
    return new Tensor[] {out};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {Ops.call(view, grads[0])};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new ViewAdjoint(new Narrow(1, 1, 2), 3, 4), make.any(3, 2)),
        new SampleInput(new ViewAdjoint(new Select(0, 1), 3, 4), make.any(4)),
        new SampleInput(new ViewAdjoint(new Narrow(0, 0, 0), 3), make.any(0)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of();
  }

  @Override
  protected String exempt(Check check) {
    return switch (check) {
      case PYTORCH, METHOD, ERRORS -> "the derivative of views";
      default -> super.exempt(check);
    };
  }

  /** Zeros of the given shape with x in it from start on along a dimension: narrow's gradient. */
  public static Tensor ofNarrow(Tensor x, int dim, int start, int[] shape) {
    return Ops.call(new ViewAdjoint(new Narrow(dim, start, x.size(dim)), shape), x);
  }
}
