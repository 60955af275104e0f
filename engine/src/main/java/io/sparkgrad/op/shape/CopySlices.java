package io.sparkgrad.op.shape;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.autograd.OpNode;
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
 * A tensor with other values where a view shows it: what a recorded in-place operation on the view
 * makes of the base. The old base has no gradient there, the written values have all of it.
 */
public final class CopySlices extends Op implements Op.TakesStorageTypes {
  private final TensorGeometry base;
  private final TensorGeometry view;
  /* The numbers that either of them shows. */
  private final int first;
  private final int length;

  CopySlices(TensorGeometry base, TensorGeometry view) {
    this.base = base;
    this.view = view;
    first = Math.min(base.offset(), view.offset());
    length = Math.max(base.end(), view.end()) - first;
  }

  @Override
  public String nodeName() {
    return "CopySlices";
  }

  @Override
  public String cudaSupport() {
    return "copies into views of a new tensor";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor row = in[0].newZeros(length);
    Tensor out = base.in(row, first);
    Copy.copy(in[0], out);
    Copy.copy(in[1], view.in(row, first));
    return new Tensor[] {out.detach()};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    return new Tensor[] {
      ctx.needsGrad(0) ? Ops.call(this, g, g.newZeros(view.shape())) : null,
      ctx.needsGrad(1) ? seen(g) : null
    };
  }

  /* The part of a gradient, which lies as the base does, that the view shows. */
  private Tensor seen(Tensor g) {
    boolean whole = base.isContiguous() && base.offset() == first && base.end() - first == length;
    Tensor row =
        whole ? g.contiguous() : Ops.call(new AsStridedAdjoint(length, base.from(first)), g);
    return Ops.call(new AsStrided(TensorGeometry.of(row), view.from(first - row.offset())), row);
  }

  /* PyTorch lets go of the function that wrote. */
  @Override
  public boolean runsOnce() {
    return true;
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    Tensor x = make.any(3, 4);
    return List.of(
        sample(x, x.select(0, 1), make),
        sample(x, x.select(1, 3), make),
        sample(x, x.diagonal(), make),
        sample(x, x.t(), make),
        sample(x, x.narrow(1, 1, 0), make),
        sample(x.t(), x.select(0, 1), make),
        sample(x.select(1, 2), x.asStrided(new int[] {2, 2}, new int[] {6, 1}, 1), make));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of();
  }

  @Override
  protected String exempt(Check check) {
    return switch (check) {
      case PYTORCH, METHOD, ERRORS -> "the history of a changed view's base";
      default -> super.exempt(check);
    };
  }

  private static SampleInput sample(Tensor base, Tensor view, MakeTensor make) {
    CopySlices op = new CopySlices(TensorGeometry.of(base), TensorGeometry.of(view));
    return new SampleInput(op, make.any(base.shape()), make.any(view.shape()));
  }

  /** Gives a base the history of having had values written where a view shows it. */
  public static void record(Tensor base, Tensor view, Tensor values) {
    new OpNode(new CopySlices(TensorGeometry.of(base), TensorGeometry.of(view)), base, values)
        .record(base);
  }
}
