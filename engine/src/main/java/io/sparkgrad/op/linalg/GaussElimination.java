package io.sparkgrad.op.linalg;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Copy;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.kernel.CudaArgs;
import io.sparkgrad.op.kernel.CudaKernels;
import java.util.Arrays;

/**
 * Batches of square matrices, and Gauss's elimination on them: on the CPU in double, on a GPU a
 * block of threads a matrix. In LAPACK's place: its calls would serve one device only.
 */
final class GaussElimination {
  private static final CudaArgs ARGS =
      new CudaArgs(
          """
          struct Args {
            void* a;
            void* x;
            void* pivots;
            int count;
            int n;
            int m;
          };
          """);

  private static final int THREADS = 64;

  private GaussElimination() {}

  static void checkSquare(String op, Tensor a) {
    if (!a.dtype().isFloatingPoint())
      throw new IllegalArgumentException(
          "%s: Expected a floating point tensor as input. Got %s".formatted(op, a.dtype()));
    checkSizes(op, a);
  }

  /** Errors unless these are square matrices, of whatever type. */
  static void checkSizes(String op, Tensor a) {
    if (a.dim() < 2)
      throw new IllegalArgumentException(
          "%s: The input tensor A must have at least 2 dimensions, got shape %s"
              .formatted(op, Arrays.toString(a.shape())));
    if (a.size(-1) != a.size(-2))
      throw new IllegalArgumentException(
          "%s: A must be batches of square matrices, but they are %s by %s matrices"
              .formatted(op, a.size(-2), a.size(-1)));
  }

  /** How many matrices there are. */
  static int batch(Tensor a) {
    return Shape.numel(Arrays.copyOf(a.shape(), a.dim() - 2));
  }

  /** The shape of a number a matrix. */
  static int[] batchShape(Tensor a) {
    return Arrays.copyOf(a.shape(), a.dim() - 2);
  }

  /** Numbers a matrix as what multiplies each matrix. */
  static Tensor each(Tensor numbers) {
    return numbers.unsqueeze(-1).unsqueeze(-1);
  }

  static Tensor eye(Tensor like) {
    Tensor eye = like.newZeros(like.size(-2), like.size(-1));
    eye.diagonal().fill_(1);
    return eye.expand(like.shape());
  }

  /**
   * Turns x [..., n, m] into A⁻¹x in place, if there are columns, and gives the pivots of A [...,
   * n], the signs of exchanged rows in them: their product is A's determinant.
   */
  static Tensor eliminate(Op op, Tensor a, Tensor x) {
    int n = a.size(-1);
    int m = x.size(-1);
    int count = batch(a);
    Tensor work = Ops.copy(a);
    Tensor pivots = Tensor.empty(a.device(), a.dtype(), Arrays.copyOf(a.shape(), a.dim() - 1));
    if (count == 0 || n == 0) return pivots;
    if (a.device().isCuda()) {
      Tensor[] all = {work, x, pivots};
      ARGS.blocks(op.unit(), a.dtype(), count, THREADS, all, count, n, m);
      return pivots;
    }
    double[] matrices = doubles(work);
    double[] columns = doubles(x);
    double[] found = new double[count * n];
    for (int b = 0; b < count; b++)
      eliminate(n, m, matrices, b * n * n, columns, b * n * m, found, b * n);
    Copy.copy(Tensor.of(columns, x.shape()), x);
    Copy.copy(Tensor.of(found, pivots.shape()), pivots);
    return pivots;
  }

  private static double[] doubles(Tensor t) {
    return Ops.copy(t, t.device(), DType.FLOAT64).storage().doubles();
  }

  /* Gauss and Jordan: without columns only what is below the diagonal. */
  private static void eliminate(
      int n, int m, double[] a, int at, double[] x, int xAt, double[] pivots, int pivotAt) {
    for (int k = 0; k < n; k++) {
      int best = k;
      for (int i = k + 1; i < n; i++)
        if (Math.abs(a[at + i * n + k]) > Math.abs(a[at + best * n + k])) best = i;
      swap(a, at + k * n, at + best * n, n);
      swap(x, xAt + k * m, xAt + best * m, m);
      double pivot = a[at + k * n + k];
      pivots[pivotAt + k] = best == k ? pivot : -pivot;
      if (pivot == 0) continue;
      for (int i = m == 0 ? k + 1 : 0; i < n; i++) {
        if (i == k) continue;
        double f = a[at + i * n + k] / pivot;
        for (int j = k + 1; j < n; j++) a[at + i * n + j] -= f * a[at + k * n + j];
        for (int j = 0; j < m; j++) x[xAt + i * m + j] -= f * x[xAt + k * m + j];
      }
    }
    for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) x[xAt + i * m + j] /= a[at + i * n + i];
  }

  private static void swap(double[] a, int from, int to, int n) {
    for (int j = 0; from != to && j < n; j++) {
      double t = a[from + j];
      a[from + j] = a[to + j];
      a[to + j] = t;
    }
  }

  /** The same as CUDA C, a unit of the given name. */
  static String cuda(String unit) {
    return """
    #include "kernel.cuh"

    """
        + ARGS
        + """

        /* One block a matrix. */
        template <class T> inline __device__ void run(const Args& args) {
          SHARED int best;
          const int n = args.n, m = args.m;
          for (int b = blockIdx.x; b < args.count; b += gridDim.x) {
            T* a = static_cast<T*>(args.a) + (long long)b * n * n;
            T* x = static_cast<T*>(args.x) + (long long)b * n * m;
            for (int k = 0; k < n; k++) {
              if (threadIdx.x == 0) {
                best = k;
                for (int i = k + 1; i < n; i++)
                  if (fabs(a[i * n + k]) > fabs(a[best * n + k])) best = i;
              }
              __syncthreads();
              const int other = best;
              for (int j = threadIdx.x; other != k && j < n + m; j += blockDim.x) {
                T& one = j < n ? a[k * n + j] : x[k * m + j - n];
                T& two = j < n ? a[other * n + j] : x[other * m + j - n];
                const T t = one;
                one = two;
                two = t;
              }
              __syncthreads();
              const T pivot = a[k * n + k];
              if (threadIdx.x == 0) static_cast<T*>(args.pivots)[b * n + k] = other == k ? pivot : -pivot;
              const int width = n - k - 1 + m;
              const int first = m == 0 ? k + 1 : 0;
              for (int w = threadIdx.x; pivot != 0 && w < (n - first) * width; w += blockDim.x) {
                const int i = first + w / width, j = w % width;
                if (i == k) continue;
                const T f = a[i * n + k] / pivot;
                if (j < n - k - 1) a[i * n + k + 1 + j] -= f * a[k * n + k + 1 + j];
                else x[i * m + j - (n - k - 1)] -= f * x[k * m + j - (n - k - 1)];
              }
              __syncthreads();
            }
            for (int w = threadIdx.x; w < n * m; w += blockDim.x) x[w] /= a[w / m * n + w / m];
            __syncthreads();
          }
        }

        """
        + CudaKernels.kernels(unit, "Args", THREADS, DType.FLOAT32, DType.FLOAT64);
  }
}
