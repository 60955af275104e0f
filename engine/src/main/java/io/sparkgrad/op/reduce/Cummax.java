package io.sparkgrad.op.reduce;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.Copy;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.CudaArgs;
import io.sparkgrad.op.kernel.CudaKernels;
import java.util.List;

/**
 * The largest element up to each along a dimension and its index, the last one of several; once
 * there is a NaN it is the largest. The gradient goes to that element.
 */
class Cummax extends Op {
  private static final CudaArgs ARGS =
      new CudaArgs(
          """
          struct Args {
            const void* x;
            long long* found;
            int lines;
            int n;
          };
          """);

  private final boolean largest;
  private final int dim;

  Cummax(int dim) {
    this(true, dim);
  }

  Cummax(boolean largest, int dim) {
    this.largest = largest;
    this.dim = dim;
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor given = in[0];
    boolean runs = given.dim() > 0 && given.numel() > 0; // else no dimension is looked at
    int d = runs ? Shape.dim(dim, given.dim()) : 0;
    Tensor index = Tensor.zeros(given.device(), DType.INT64, given.shape());
    if (runs) {
      boolean direct = given.dtype().isFloatingPoint() || given.dtype() == DType.INT64;
      Tensor x = direct ? given : given.to(DType.INT64);
      Tensor lines = x.movedim(d, -1).contiguous();
      Tensor found = Tensor.empty(x.device(), DType.INT64, lines.shape());
      int n = x.shape()[d];
      if (x.device().isCuda()) {
        Tensor[] both = {lines, found};
        ARGS.threads(unit(), x.dtype(), x.numel() / n, both, x.numel() / n, n);
      } else each(lines.storage(), lines.offset(), n, found.storage().array());
      Copy.copy(found.movedim(-1, d), index);
    }
    ctx.save(index);
    Tensor values = runs ? given.gather(d, index) : Ops.copy(given);
    return new Tensor[] {values, index};
  }

  private void each(Storage s, int from, int n, long[] found) {
    for (int line = 0; line < found.length; line += n) {
      int best = from + line;
      for (int i = 0; i < n; i++) {
        if (replaces(s, from + line + i, best)) best = from + line + i;
        found[line + i] = best - from - line;
      }
    }
  }

  private boolean replaces(Storage s, int i, int best) {
    if (s.dtype() == DType.INT64) {
      long a = s.getLong(i);
      long b = s.getLong(best);
      return largest ? a >= b : a <= b;
    }
    double a = s.getDouble(i);
    double b = s.getDouble(best);
    return Double.isNaN(a) || (largest ? a >= b : a <= b);
  }

  @Override
  public String cudaSource() {
    return """
    #include "kernel.cuh"

    """
        + ARGS
        + """

        /* One thread a line. */
        template <class T> inline __device__ void run(const Args& args) {
          for (int line = blockIdx.x * blockDim.x + threadIdx.x; line < args.lines; line += gridDim.x * blockDim.x) {
            const T* x = static_cast<const T*>(args.x) + (long long)line * args.n;
            int best = 0;
            for (int i = 0; i < args.n; i++) {
              if (x[i] != x[i] || x[i] RELATION x[best]) best = i;
              args.found[(long long)line * args.n + i] = best;
            }
          }
        }

        """
            .replace("RELATION", largest ? ">=" : "<=")
        + CudaKernels.kernels(unit(), "Args", 64, DType.FLOAT32, DType.FLOAT64, DType.INT64);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    if (g.dim() == 0 || g.numel() == 0) return new Tensor[] {g};
    return new Tensor[] {g.newZeros(g.shape()).scatterAdd(dim, ctx.saved(0), g)};
  }

  Cummax with(int dim) {
    return new Cummax(dim);
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(with(1), make.any(3, 5)),
        new SampleInput(with(0), make.any(3, 4).t()),
        new SampleInput(with(-2), make.any(2, 3, 4)),
        new SampleInput(with(0), make.any()),
        new SampleInput(with(0), make.any(0)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        with(2).errorInput("Dimension out of range", make.any(3, 4)),
        with(-3).errorInput("expected to be in range of [-2, 1], but got -3", make.any(3, 4)));
  }
}
