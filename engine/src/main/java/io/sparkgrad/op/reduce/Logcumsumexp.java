package io.sparkgrad.op.reduce;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
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
 * y[k] = ln Σ exp(x[i]) over i up to k along a dimension, whatever its size. dx[j] = exp(x[j] -
 * y[j])·r[j], where r[j] = g[j] + exp(y[j] - y[j + 1])·r[j + 1]: no exponent is above 0.
 */
final class Logcumsumexp extends Op {
  private static final CudaArgs ARGS =
      new CudaArgs(
          """
          struct Args {
            void* y;
            int lines;
            int n;
          };
          """);

  private final int dim;

  Logcumsumexp(int dim) {
    this.dim = dim;
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    if (!x.dtype().isFloatingPoint())
      throw new IllegalArgumentException(
          "logcumsumexp: not implemented for %s; use .to(FLOAT32)".formatted(x.dtype()));
    int d = Shape.dim(dim, x.dim());
    Tensor out = Tensor.empty(x.device(), x.dtype(), x.shape());
    if (x.dim() == 0) Copy.copy(x, out);
    else if (x.numel() > 0) {
      Tensor lines = Ops.copy(x.movedim(d, -1));
      int n = x.shape()[d];
      if (x.device().isCuda()) {
        ARGS.threads(unit(), x.dtype(), x.numel() / n, new Tensor[] {lines}, x.numel() / n, n);
      } else each(lines, n);
      Copy.copy(lines.movedim(-1, d), out);
    }
    ctx.save(x, out);
    return new Tensor[] {out};
  }

  private static void each(Tensor lines, int n) {
    double[] y = lines.toDoubles();
    for (int k = 0; k < y.length; k++) if (k % n != 0) y[k] = join(y[k - 1], y[k]);
    Copy.copy(Tensor.of(y, lines.shape()), lines);
  }

  private static double join(double a, double b) {
    double most = Math.max(a, b);
    return Double.isInfinite(most) ? most : most + Math.log1p(Math.exp(Math.min(a, b) - most));
  }

  @Override
  public String cudaSource() {
    return """
    #include "kernel.cuh"

    """
        + ARGS
        + """

        /* One thread a line, in place. */
        template <class T> inline __device__ void run(const Args& args) {
          for (int line = blockIdx.x * blockDim.x + threadIdx.x; line < args.lines; line += gridDim.x * blockDim.x) {
            T* y = static_cast<T*>(args.y) + (long long)line * args.n;
            double sum = y[0];
            for (int i = 1; i < args.n; i++) {
              const double x = y[i];
              const double most = sum != sum || sum > x ? sum : x;
              const double least = most == sum ? x : sum;
              sum = most - most == 0 ? most + log1p(exp(least - most)) : most;
              y[i] = T(sum);
            }
          }
        }

        """
        + CudaKernels.kernels(unit(), "Args", 64, DType.FLOAT32, DType.FLOAT64);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor x = ctx.saved(0);
    Tensor y = ctx.saved(1);
    Tensor g = grads[0];
    if (g.dim() == 0 || g.numel() == 0) return new Tensor[] {g};
    Tensor sums = g.add(0.0); // which are not -0
    Tensor r = Ops.call(new Scan(dim, true), sums, ratio(y, y.roll(-1, dim)));
    return new Tensor[] {ratio(x, y).mul(r)};
  }

  /* exp(a - b), 0 where a is -∞, and so may b be, 1 where both are ∞. */
  private static Tensor ratio(Tensor a, Tensor b) {
    Tensor none = a.eq(Double.NEGATIVE_INFINITY);
    Tensor known = none.add(a.eq(Double.POSITIVE_INFINITY).mul(a.eq(b)));
    Tensor zero = Tensor.number(0L);
    return none.where(zero, known.where(zero, a).sub(known.where(zero, b)).exp());
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Logcumsumexp(1), make.any(3, 5)),
        new SampleInput(new Logcumsumexp(0), make.any(3, 4).t()),
        new SampleInput(new Logcumsumexp(-2), make.any(2, 3, 4)),
        new SampleInput(new Logcumsumexp(0), make.any()),
        new SampleInput(new Logcumsumexp(0), make.any(0)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Logcumsumexp(2).errorInput("Dimension out of range", make.any(3, 4)),
        errorInput("not implemented for torch.int64", make.below(3, 4)));
  }
}
