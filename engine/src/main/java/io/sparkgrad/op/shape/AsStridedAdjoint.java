package io.sparkgrad.op.shape;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.Check;
import io.sparkgrad.op.Copy;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.TensorGeometry;
import java.util.List;

/**
 * A row of zeros with x added where a view of it by the given sizes and strides shows its elements:
 * the adjoint of such a view, which may show a number more than once. The gradient is that view.
 */
final class AsStridedAdjoint extends Op implements Op.TakesStorageTypes {
  private final int length;
  private final TensorGeometry view;

  AsStridedAdjoint(int length, TensorGeometry view) {
    this.length = length;
    this.view = view;
  }

  @Override
  public String cudaSupport() {
    return "zeros, and a copy or sums into views of them";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor out = in[0].newZeros(length);
    if (!view.overlaps()) Copy.copy(in[0], view.in(out, 0));
    else add(in[0], out, view);
    return new Tensor[] {out};
  }

  /* Views that do not overlap are added one by one: no two threads meet, and the order stays the same. */
  private static void add(Tensor x, Tensor row, TensorGeometry view) {
    int d = view.overlapping();
    if (d < 0) {
      view.in(row, 0).add_(x);
      return;
    }
    int step = view.strides()[d];
    int[] shape = Shape.without(view.shape(), d);
    int[] strides = Shape.without(view.strides(), d);
    if (step == 0) {
      add(x.sum(d), row, new TensorGeometry(shape, strides, view.offset()));
      return;
    }
    for (int i = 0; i < view.shape()[d]; i++)
      add(x.select(d, i), row, new TensorGeometry(shape, strides, view.offset() + i * step));
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor row = grads[0].contiguous();
    return new Tensor[] {
      Ops.call(new AsStrided(TensorGeometry.of(row), view.from(-row.offset())), row)
    };
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        sample(5, make.any(2, 2), new int[] {1, 1}, 1),
        sample(9, make.any(3, 2).t(), new int[] {1, 3}, 0),
        sample(8, make.any(3, 2, 2), new int[] {2, 0, 3}, 0),
        sample(3, make.any(0), new int[] {1}, 0));
  }

  private static SampleInput sample(int length, Tensor x, int[] strides, int offset) {
    return new SampleInput(
        new AsStridedAdjoint(length, new TensorGeometry(x.shape(), strides, offset)), x);
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
}
