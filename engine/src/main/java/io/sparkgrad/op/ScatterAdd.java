package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import java.util.Arrays;
import java.util.List;

/**
 * x with src added at the indices, in the order of src, so that equal indices give the same bits
 * each time.
 */
final class ScatterAdd extends Op {
  private final int dim;

  ScatterAdd(int dim) {
    this.dim = dim;
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor index = in[1];
    Tensor src = in[2];
    check(name(), in[0], index, src);
    Tensor out = Ops.copy(in[0]);
    if (out.device().isCuda()) {
      CudaIndex.scatter(this, out, index, src, Shape.dim(dim, out.dim()));
      ctx.save(index);
      return new Tensor[] {out};
    }
    Storage to = out.storage();
    Storage from = src.storage();
    Gather.Pair add =
        src.dtype() == DType.INT64
            ? (xi, si) -> to.<long[]>array()[xi] += from.<long[]>array()[si]
            : (xi, si) -> to.set(xi, to.getDouble(xi) + from.getDouble(si));
    Gather.each(name(), out, index, src, dim, add);
    ctx.save(index);
    return new Tensor[] {out};
  }

  static void check(String op, Tensor x, Tensor index, Tensor src) {
    boolean fits = index.dim() == src.dim();
    for (int d = 0; fits && d < src.dim(); d++) fits = index.shape()[d] <= src.shape()[d];
    if (!fits) {
      throw new IllegalArgumentException(
          op
              + "(): Expected index "
              + Arrays.toString(index.shape())
              + " to be smaller than src "
              + Arrays.toString(src.shape())
              + " in all dimensions");
    }
    if (x.dtype() != src.dtype()) {
      throw new IllegalArgumentException(
          op
              + "(): Expected self.dtype to be equal to src.dtype: "
              + x.dtype()
              + " and "
              + src.dtype());
    }
  }

  @Override
  public String cudaSource() {
    return CudaIndex.source(
        "scatter_add",
        "ScatterArgs",
        unit(),
        DType.INT32,
        DType.INT64,
        DType.FLOAT32,
        DType.FLOAT64);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    Tensor index = ctx.saved(0);
    Tensor gs = ctx.needsGrad(2) ? padded(g.gather(dim, index), ctx.inputShape(2)) : null;
    return new Tensor[] {g, null, gs};
  }

  /** Elements of src beyond the index took no part: their gradient is 0. */
  static Tensor padded(Tensor g, int[] shape) {
    for (int d = 0; d < shape.length; d++) {
      if (g.shape()[d] == shape[d]) continue;
      int[] wider = g.shape().clone();
      wider[d] = shape[d];
      g = Ops.call(new ViewAdjoint(new Narrow(d, 0, g.shape()[d]), wider), g);
    }
    return g;
  }

  @Override
  public List<Sample> samples(Samples make) {
    return List.of(
        new Sample(new ScatterAdd(1), make.any(3, 4), make.below(4, 3, 6), make.any(3, 6)),
        new Sample(new ScatterAdd(0), make.any(4, 3), make.below(4, 2, 3), make.any(3, 4)),
        new Sample(new ScatterAdd(0), make.any(3), make.below(3, 0), make.any(0)));
  }
}
