package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import java.util.List;

/**
 * y = the largest element, a NaN if there is one; equal largest elements share the gradient evenly.
 */
final class Max extends Op {
  @Override
  public String nodeName() {
    return "MaxBackward1";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    if (x.numel() == 0) {
      throw new IllegalArgumentException(
          "max(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim.");
    }
    Tensor out = x.newZeros();
    if (x.device().isCuda()) {
      Argmax.reduceOnCuda(unit(), x, Dims.of(name(), x, new int[0], false), out);
      ctx.save(x, out);
      return new Tensor[] {out};
    }
    int best = best(x);
    if (x.dtype() == DType.INT64) out.storage().longs()[0] = x.storage().getLong(best);
    else out.storage().set(0, x.storage().getDouble(best));
    ctx.save(x, out);
    return new Tensor[] {out};
  }

  @Override
  public String cudaSource() {
    return CudaReduce.source(
        unit(),
        """
        template <class T> struct Fold : Largest<T> {
          static __device__ T result(typename Largest<T>::A a) { return a.value; }
        };
        """,
        "T",
        DType.FLOAT32,
        DType.FLOAT64,
        DType.INT64);
  }

  private static int best(Tensor x) {
    Loops.Walk walk = new Loops.Walk(x.shape(), new int[][] {x.strides()}, new int[] {x.offset()});
    int best = x.offset();
    do {
      best = MaxDim.best(x.storage(), best, walk.at(0), walk.step(0), walk.run);
    } while (walk.next());
    return best;
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor x = ctx.saved(0);
    Tensor y = ctx.saved(1).detach();
    /* NaN equals nothing, so where the maximum is NaN the NaN elements are meant. */
    Tensor mask = (Double.isNaN(y.item()) ? x.ne(x) : x.eq(y)).to(grads[0].dtype());
    return new Tensor[] {grads[0].mul(mask).div(mask.sum())};
  }

  @Override
  public List<Sample> samples(Samples make) {
    return List.of(
        new Sample(this, make.any(3, 4)),
        new Sample(this, make.any()),
        new Sample(this, make.any(4, 3).t()));
  }
}
