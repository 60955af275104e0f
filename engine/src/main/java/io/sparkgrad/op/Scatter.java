package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import java.util.List;

/**
 * x with src written at the indices, in the order of src: of equal indices the last one stays. What
 * was overwritten has no gradient; every element of src has, as in PyTorch, that of the place it
 * was written to.
 */
final class Scatter extends Op {
  private final int dim;

  Scatter(int dim) {
    this.dim = dim;
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor index = in[1];
    Tensor src = in[2];
    ScatterAdd.check(name(), in[0], index, src);
    Tensor out = Ops.copy(in[0]);
    ctx.save(index);
    if (out.device().isCuda()) {
      CudaIndex.scatter(this, out, index, src, Shape.dim(dim, out.dim()));
      return new Tensor[] {out};
    }
    Storage to = out.storage();
    Storage from = src.storage();
    Gather.Pair put =
        src.dtype() == DType.INT64
            ? (xi, si) -> to.<long[]>array()[xi] = from.<long[]>array()[si]
            : (xi, si) -> to.set(xi, from.getDouble(si));
    Gather.each(name(), out, index, src, dim, put);
    return new Tensor[] {out};
  }

  @Override
  public String cudaSource() {
    return """
        #include "index.cuh"

        /* As scatter_add, but that what was there is lost. */
        template <class T> inline __device__ void scatter_put(const ScatterArgs& args) {
          for (int line = blockIdx.x * blockDim.x + threadIdx.x; line < args.lines; line += gridDim.x * blockDim.x) {
            int at[3];
            walk(args.others, args.step, line, at);
            T* y = static_cast<T*>(args.y) + at[0];
            const T* src = static_cast<const T*>(args.src) + at[2];
            for (int i = 0; i < args.n; i++) {
              const long long k = args.index[at[1] + i * args.index_dim_step];
              if (k < 0 || k >= args.size) fault(args.faults, k);
              else y[(long long)k * args.y_dim_step] = src[(long long)i * args.src_dim_step];
            }
          }
        }
        """
        + CudaIndex.source("scatter_put", "ScatterArgs", unit(), DType.values());
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    Tensor index = ctx.saved(0);
    Tensor zeros = g.newZeros(index.shape());
    return new Tensor[] {
      ctx.needsGrad(0) ? g.scatter(dim, index, zeros) : null,
      null,
      ctx.needsGrad(2) ? ScatterAdd.padded(g.gather(dim, index), ctx.inputShape(2)) : null
    };
  }

  @Override
  public List<Sample> samples(Samples make) {
    return List.of(
        new Sample(new Scatter(1), make.any(3, 4), make.order(3, 4), make.any(3, 4)),
        new Sample(new Scatter(1), make.any(4, 3).t(), make.order(2, 3), make.any(3, 4)),
        new Sample(new Scatter(0), make.any(3), make.below(3, 0), make.any(0)));
  }
}
