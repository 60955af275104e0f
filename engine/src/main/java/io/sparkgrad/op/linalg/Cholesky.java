package io.sparkgrad.op.linalg;

import io.sparkgrad.DType;
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
import java.util.Arrays;
import java.util.List;

/**
 * The lower triangular L with L·Lᵀ = A, for batches of positive definite matrices A, or its
 * transpose; of a matrix that is not symmetric (A + Aᵀ)/2 counts. dA = L⁻ᵀ·(P + Pᵀ)/2·L⁻¹, where P
 * is Lᵀ·g below the diagonal, half of it there. Murray, "Differentiation of the Cholesky
 * decomposition", 2016.
 */
final class Cholesky extends Op {
  private static final CudaArgs ARGS =
      new CudaArgs(
          """
          struct Args {
            void* a;
            long long* failed;
            int count;
            int n;
          };
          """);

  private static final int THREADS = 64;

  private final boolean upper;

  Cholesky(boolean upper) {
    this.upper = upper;
  }

  @Override
  public String nodeName() {
    return "CholeskyBackward0";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    GaussElimination.checkSquare(name(), in[0]);
    Tensor a = in[0].add(in[0].transpose(-2, -1)).mul(0.5).contiguous();
    int n = a.size(-1);
    int count = GaussElimination.batch(a);
    long[] failed = new long[count];
    if (a.numel() > 0) {
      if (a.device().isCuda()) {
        Tensor info = Tensor.empty(a.device(), DType.INT64, count);
        ARGS.blocks(unit(), a.dtype(), count, THREADS, new Tensor[] {a, info}, count, n);
        if (info.max().item() > 0) failed = info.toLongs();
      } else {
        double[] l = a.toDoubles();
        for (int b = 0; b < count; b++) failed[b] = factor(n, l, b * n * n);
        Copy.copy(Tensor.of(l, a.shape()), a);
      }
    }
    check(failed, a.dim() > 2);
    Tensor out = upper ? Ops.copy(a.transpose(-2, -1)) : a;
    ctx.save(out);
    return new Tensor[] {out};
  }

  /* The order of the first leading minor that is not positive, or 0. */
  private static int factor(int n, double[] a, int at) {
    for (int k = 0; k < n; k++) {
      double pivot = a[at + k * n + k];
      if (!(pivot > 0)) return k + 1;
      double root = Math.sqrt(pivot);
      a[at + k * n + k] = root;
      for (int i = k + 1; i < n; i++) {
        a[at + i * n + k] /= root;
        a[at + k * n + i] = 0;
      }
      for (int i = k + 1; i < n; i++)
        for (int j = k + 1; j <= i; j++) a[at + i * n + j] -= a[at + i * n + k] * a[at + j * n + k];
    }
    return 0;
  }

  private static void check(long[] failed, boolean isBatch) {
    for (int b = 0; b < failed.length; b++) {
      if (failed[b] == 0) continue;
      throw new ArithmeticException(
          ("cholesky: %sThe factorization could not be completed because the input is not "
                  + "positive-definite (the leading minor of order %s is not positive-definite).")
              .formatted(isBatch ? "(Batch element " + b + "): " : "", failed[b]));
    }
  }

  @Override
  public String cudaSource() {
    return """
    #include "kernel.cuh"

    """
        + ARGS
        + """

        /* One block a matrix. */
        template <class T> inline __device__ void run(const Args& args) {
          const int n = args.n;
          for (int b = blockIdx.x; b < args.count; b += gridDim.x) {
            T* a = static_cast<T*>(args.a) + (long long)b * n * n;
            int failed = 0;
            for (int k = 0; k < n && failed == 0; k++) {
              const T pivot = a[k * n + k];
              __syncthreads();
              if (!(pivot > 0)) failed = k + 1;
              const T root = sqrt(pivot);
              if (threadIdx.x == 0) a[k * n + k] = root;
              for (int i = k + 1 + threadIdx.x; i < n; i += blockDim.x) {
                a[i * n + k] /= root;
                a[k * n + i] = 0;
              }
              __syncthreads();
              const int rest = n - k - 1;
              for (int w = threadIdx.x; w < rest * rest; w += blockDim.x) {
                const int i = k + 1 + w / rest, j = k + 1 + w % rest;
                if (j <= i) a[i * n + j] -= a[i * n + k] * a[j * n + k];
              }
              __syncthreads();
            }
            if (threadIdx.x == 0) args.failed[b] = failed;
          }
        }

        """
        + CudaKernels.kernels(unit(), "Args", THREADS, DType.FLOAT32, DType.FLOAT64);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor l = upper ? ctx.saved(0).transpose(-2, -1) : ctx.saved(0);
    Tensor g = upper ? grads[0].transpose(-2, -1) : grads[0];
    if (g.numel() == 0) return new Tensor[] {g};
    Tensor p = l.transpose(-2, -1).matmul(g.tril());
    Tensor half = p.tril().add(p.tril(-1)).mul(0.5); // tril with half the diagonal
    Tensor s = half.add(half.transpose(-2, -1)).mul(0.5);
    Tensor left = s.triangularSolve(l, false, true, false); // L⁻ᵀ·S
    Tensor both = left.transpose(-2, -1).triangularSolve(l, false, true, false);
    return new Tensor[] {both.transpose(-2, -1)};
  }

  private static Tensor positive(MakeTensor make, int... shape) {
    Tensor x = make.any(shape);
    return x.matmul(x.transpose(-2, -1)).add(GaussElimination.eye(x));
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Cholesky(false), positive(make, 3, 3)),
        new SampleInput(new Cholesky(true), positive(make, 2, 3, 3)),
        new SampleInput(new Cholesky(false), positive(make, 1, 1)),
        new SampleInput(new Cholesky(false), make.any(0, 2, 2)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    double[] indefinite = {1, 2, 2, 1};
    double[] two = Arrays.copyOf(new double[] {1, 0, 0, 1, 1, 2, 2, 1}, 8);
    return List.of(
        errorInput("the leading minor of order 2 is not positive", Tensor.of(indefinite, 2, 2)),
        errorInput("(Batch element 1): ", Tensor.of(two, 2, 2, 2)),
        errorInput("batches of square matrices, but they are 2 by 3", make.any(2, 3)),
        errorInput("at least 2 dimensions", make.any(3)));
  }
}
