package io.sparkgrad.op.index;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
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
 * Where in an ascending sequence values would be put: how many elements are less, or with {@code
 * right} not greater. Lines of values have lines of a sequence, or all share one. No derivative.
 */
final class Searchsorted extends Op {
  private static final CudaArgs ARGS =
      new CudaArgs(
          """
          struct Args {
            const void* sequence;
            const void* values;
            long long* found;
            int count;
            int each; /* values that share a line of the sequence */
            int n;
            int right;
          };
          """);

  private final boolean right;

  Searchsorted(boolean right) {
    this.right = right;
  }

  @Override
  public boolean isDifferentiable() {
    return false;
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor sequence = in[0];
    Tensor values = in[1];
    check(sequence, values);
    DType type = DType.promote(sequence, values);
    DType computed = type.isFloatingPoint() ? type : DType.INT64;
    Tensor s = Ops.copy(sequence, sequence.device(), computed);
    Tensor v = Ops.copy(values, values.device(), computed);
    Tensor out = Tensor.empty(v.device(), DType.INT64, v.shape());
    int n = s.size(-1);
    int each = s.dim() == 1 ? Math.max(1, v.numel()) : Math.max(1, v.size(-1));
    if (v.device().isCuda()) {
      if (v.numel() > 0)
        ARGS.threads(
            unit(),
            computed,
            v.numel(),
            new Tensor[] {s, v, out},
            v.numel(),
            each,
            n,
            right ? 1 : 0);
    } else if (computed == DType.INT64) {
      search(s.storage().<long[]>array(), v.storage().array(), out.storage().array(), each, n);
    } else search(s.toDoubles(), v.toDoubles(), out.storage().array(), each, n);
    return new Tensor[] {out};
  }

  private static void check(Tensor sequence, Tensor values) {
    boolean fits = sequence.dim() == 1;
    if (!fits && sequence.dim() > 0 && sequence.dim() == values.dim())
      fits =
          Arrays.equals(
              Arrays.copyOf(sequence.shape(), sequence.dim() - 1),
              Arrays.copyOf(values.shape(), values.dim() - 1));
    if (fits) return;
    throw new IllegalArgumentException(
        ("searchsorted: boundaries tensor should be 1 dimension or the first N-1 dimensions of"
                + " boundaries tensor and input value tensor must match, but we got boundaries tensor"
                + " %s and input value tensor %s")
            .formatted(Arrays.toString(sequence.shape()), Arrays.toString(values.shape())));
  }

  private void search(double[] s, double[] v, long[] found, int each, int n) {
    for (int i = 0; i < v.length; i++) {
      int from = i / each * n;
      int low = 0;
      int high = n;
      while (low < high) {
        int middle = (low + high) >>> 1;
        double there = s[from + middle];
        /* Not the same as there <= v: NaN is the largest. */
        if (right ? !(there > v[i]) : !(there >= v[i])) low = middle + 1;
        else high = middle;
      }
      found[i] = low;
    }
  }

  private void search(long[] s, long[] v, long[] found, int each, int n) {
    for (int i = 0; i < v.length; i++) {
      int from = i / each * n;
      int low = 0;
      int high = n;
      while (low < high) {
        int middle = (low + high) >>> 1;
        long there = s[from + middle];
        if (right ? there <= v[i] : there < v[i]) low = middle + 1;
        else high = middle;
      }
      found[i] = low;
    }
  }

  @Override
  public String cudaSource() {
    return """
    #include "kernel.cuh"

    """
        + ARGS
        + """

        template <class T> inline __device__ void run(const Args& args) {
          for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < args.count; i += gridDim.x * blockDim.x) {
            const T* s = static_cast<const T*>(args.sequence) + (long long)(i / args.each) * args.n;
            const T v = static_cast<const T*>(args.values)[i];
            int low = 0, high = args.n;
            while (low < high) {
              const int middle = (low + high) / 2;
              const T there = s[middle];
              if (args.right ? !(there > v) : !(there >= v)) low = middle + 1;
              else high = middle;
            }
            args.found[i] = low;
          }
        }

        """
        + CudaKernels.kernels(unit(), "Args", 64, DType.FLOAT32, DType.FLOAT64, DType.INT64);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    throw new IllegalStateException("the derivative for searchsorted is not implemented");
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    Tensor line = make.any(6).sort(0).values();
    return List.of(
        new SampleInput(new Searchsorted(false), line, make.any(2, 3)),
        new SampleInput(new Searchsorted(true), line, line.narrow(0, 1, 3)),
        new SampleInput(new Searchsorted(false), make.any(2, 5).sort(1).values(), make.any(2, 4)),
        new SampleInput(new Searchsorted(false), line, make.any()),
        new SampleInput(new Searchsorted(true), make.any(0), make.any(2)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput("boundaries tensor should be 1 dimension", make.any(2, 3), make.any(3, 2)),
        errorInput("must match", make.any(), make.any(3)));
  }
}
