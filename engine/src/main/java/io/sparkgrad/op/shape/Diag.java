package io.sparkgrad.op.shape;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/**
 * A matrix with a vector [n] on a diagonal, or a copy of that diagonal of a matrix. Each is the
 * other's gradient, but of a matrix that is not square.
 */
final class Diag extends Op implements Op.TakesStorageTypes {
  private final int offset;
  private final Diagonal view;

  /** An offset above 0 is above the main diagonal. */
  Diag(int offset) {
    this.offset = offset;
    view = new Diagonal(offset, 0, 1);
  }

  @Override
  public String cudaSupport() {
    return "a copy of a view, or into one";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    if (x.dim() == 1) {
      int n = x.size(0) + Math.abs(offset);
      return new Tensor[] {Ops.unrecorded(new ViewAdjoint(view, n, n), x)[0]};
    }
    if (x.dim() == 2) return new Tensor[] {Ops.copy(Ops.unrecorded(view, x)[0])};
    throw new IllegalArgumentException(
        "diag: matrix or a vector expected, got %s dimensions".formatted(x.dim()));
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    int[] shape = ctx.inputShape(0);
    boolean square = shape.length == 2 && shape[0] == shape[1] && Math.abs(offset) <= shape[0];
    Op adjoint = shape.length == 1 || square ? this : new ViewAdjoint(view, shape);
    return new Tensor[] {Ops.call(adjoint, grads[0])};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3)),
        new SampleInput(new Diag(-1), make.any(2)),
        new SampleInput(new Diag(1), make.any(3, 3)),
        new SampleInput(new Diag(0), make.any(4, 2).t()),
        new SampleInput(new Diag(5), make.any(3, 3)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput("matrix or a vector expected, got 3 dimensions", make.any(1, 2, 3)),
        errorInput("matrix or a vector expected, got 0 dimensions", make.any()));
  }
}
