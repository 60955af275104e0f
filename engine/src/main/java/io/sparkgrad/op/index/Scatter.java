package io.sparkgrad.op.index;

import io.sparkgrad.DType;
import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/**
 * x with src written at the indices: of equal ones the last stays. What was overwritten has no
 * gradient; every element of src has, as in PyTorch, that of the place it was written to.
 */
final class Scatter extends ScatterOp implements Op.TakesStorageTypes {
  Scatter(int dim) {
    super(dim);
  }

  @Override
  Gather.Pair pair(Storage to, Storage from) {
    if (!from.dtype().isFloatingPoint()) return (x, s) -> to.set(x, from.getLong(s));
    return (x, s) -> to.set(x, from.getDouble(s));
  }

  @Override
  public String cudaSource() {
    return "#include \"index.cuh\"\n\n" + kernels(unit(), "s", DType.values());
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    Tensor index = ctx.saved(0);
    Tensor zeros = g.newZeros(index.shape());
    return new Tensor[] {
      ctx.needsGrad(0) ? g.scatter(dim, index, zeros) : null,
      null,
      ctx.needsGrad(2) ? padded(g.gather(dim, index), ctx.inputShape(2)) : null
    };
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Scatter(1), make.any(3, 4), make.order(3, 4), make.any(3, 4)),
        new SampleInput(new Scatter(1), make.any(4, 3).t(), make.order(2, 3), make.any(3, 4)),
        new SampleInput(new Scatter(0), make.any(3), make.below(3, 0), make.any(0)));
  }
}
