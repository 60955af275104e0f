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
 * X with A·X = B, or with transpose Aᵀ·X = B, for batches of triangular matrices A, whose other
 * triangle is not read, nor its diagonal if that is to count as ones.
 */
final class TriangularSolve extends Op {
  private static final CudaArgs ARGS =
      new CudaArgs(
          """
          struct Args {
            const void* a;
            void* x;
            int count;
            int n;
            int m;
            int from_end;
            int unit;
          };
          """);

  private final boolean upper;
  private final boolean transpose;
  private final boolean unitriangular;

  TriangularSolve(boolean upper, boolean transpose, boolean unitriangular) {
    this.upper = upper;
    this.transpose = transpose;
    this.unitriangular = unitriangular;
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor a = in[1];
    GaussElimination.checkSquare(name(), a);
    boolean fits = in[0].dim() == a.dim() && in[0].size(-2) == a.size(-1);
    if (!fits || !Arrays.equals(GaussElimination.batchShape(a), GaussElimination.batchShape(in[0])))
      throw new IllegalArgumentException(
          "triangularSolve: Incompatible matrix sizes for AX = B: %s and %s"
              .formatted(Arrays.toString(a.shape()), Arrays.toString(in[0].shape())));
    Gemm.checkTypes(name(), a, in[0]);
    Tensor x = Ops.copy(in[0]);
    int n = a.size(-1);
    int m = x.size(-1);
    int count = GaussElimination.batch(a);
    if (x.numel() > 0) {
      Tensor oriented = Ops.copy(transpose ? a.transpose(-2, -1) : a);
      boolean fromEnd = upper != transpose;
      if (x.device().isCuda()) {
        Tensor[] both = {oriented, x};
        int[] sizes = {count, n, m, fromEnd ? 1 : 0, unitriangular ? 1 : 0};
        ARGS.threads(unit(), x.dtype(), count * m, both, sizes);
      } else {
        double[] matrices = oriented.toDoubles();
        double[] columns = x.toDoubles();
        for (int w = 0; w < count * m; w++)
          column(n, m, matrices, w / m * n * n, columns, w / m * n * m + w % m, fromEnd);
        Copy.copy(Tensor.of(columns, x.shape()), x);
      }
    }
    ctx.save(a, x);
    return new Tensor[] {x};
  }

  private void column(int n, int m, double[] a, int at, double[] x, int from, boolean fromEnd) {
    for (int s = 0; s < n; s++) {
      int i = fromEnd ? n - 1 - s : s;
      double sum = x[from + i * m];
      for (int j = fromEnd ? i + 1 : 0; j < (fromEnd ? n : i); j++)
        sum -= a[at + i * n + j] * x[from + j * m];
      x[from + i * m] = unitriangular ? sum : sum / a[at + i * n + i];
    }
  }

  @Override
  public String cudaSource() {
    return """
    #include "kernel.cuh"

    """
        + ARGS
        + """

        /* One thread a column. */
        template <class T> inline __device__ void run(const Args& args) {
          const int n = args.n, m = args.m;
          for (int w = blockIdx.x * blockDim.x + threadIdx.x; w < args.count * m; w += gridDim.x * blockDim.x) {
            const T* a = static_cast<const T*>(args.a) + (long long)(w / m) * n * n;
            T* x = static_cast<T*>(args.x) + (long long)(w / m) * n * m + w % m;
            for (int s = 0; s < n; s++) {
              const int i = args.from_end ? n - 1 - s : s;
              double sum = x[i * m];
              for (int j = args.from_end ? i + 1 : 0; j < (args.from_end ? n : i); j++)
                sum -= double(a[i * n + j]) * x[j * m];
              x[i * m] = T(args.unit ? sum : sum / a[i * n + i]);
            }
          }
        }

        """
        + CudaKernels.kernels(unit(), "Args", 64, DType.FLOAT32, DType.FLOAT64);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor x = ctx.saved(1);
    Tensor gb = grads[0].triangularSolve(ctx.saved(0), upper, !transpose, unitriangular);
    if (!ctx.needsGrad(1)) return new Tensor[] {gb, null};
    Tensor g =
        transpose ? x.matmul(gb.transpose(-2, -1)).neg() : gb.matmul(x.transpose(-2, -1)).neg();
    int out = unitriangular ? 1 : 0;
    return new Tensor[] {gb, upper ? g.triu(out) : g.tril(-out)};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        sample(make, false, false, false),
        sample(make, true, false, false),
        sample(make, false, true, true),
        sample(make, true, true, false),
        new SampleInput(
            new TriangularSolve(true, false, false),
            make.any(2, 3, 2),
            make.positive(2, 3, 3).transpose(1, 2)),
        new SampleInput(this, make.any(0, 2, 1), make.any(0, 2, 2)));
  }

  private static SampleInput sample(
      MakeTensor make, boolean upper, boolean transpose, boolean unit) {
    Op op = new TriangularSolve(upper, transpose, unit);
    return new SampleInput(op, make.any(3, 2), make.positive(3, 3));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput("Incompatible matrix sizes", make.any(2, 1), make.any(3, 3)),
        errorInput(
            "batches of square matrices, but they are 2 by 3", make.any(2, 1), make.any(2, 3)));
  }
}
