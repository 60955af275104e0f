package io.sparkgrad.op.index;

import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/** x with src added at the indices: the adjoint of gather. */
final class ScatterAdd extends ScatterOp {
  ScatterAdd(int dim) {
    super(dim);
  }

  @Override
  Gather.Pair pair(Storage to, Storage from) {
    if (!from.dtype().isFloatingPoint())
      return (x, s) -> to.set(x, to.getLong(x) + from.getLong(s));
    return (x, s) -> to.set(x, to.getDouble(x) + from.getDouble(s));
  }

  @Override
  public String cudaSource() {
    return "#include \"index.cuh\"\n\n" + kernels(unit(), "y + s", computed());
  }

  @Override
  void save(Context ctx, Tensor... in) {
    ctx.save(ctx.needsGrad(2) ? in[1] : null);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    Tensor gs = null;
    if (ctx.needsGrad(2)) gs = padded(g.gather(dim, ctx.saved(0)), ctx.inputShape(2));
    return new Tensor[] {g, null, gs};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new ScatterAdd(1), make.any(3, 4), make.below(4, 3, 6), make.any(3, 6)),
        new SampleInput(new ScatterAdd(0), make.any(4, 3), make.below(4, 2, 3), make.any(3, 4)),
        new SampleInput(new ScatterAdd(0), make.any(3), make.below(3, 0), make.any(0)));
  }
}
