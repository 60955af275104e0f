package io.sparkgrad.op.reduce;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.backend.cpu.FloatKernels;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.CudaReduce;
import io.sparkgrad.op.kernel.Dims;
import io.sparkgrad.op.kernel.ElementType;
import io.sparkgrad.op.kernel.StridedIterator;
import java.util.List;

/**
 * y = Σ x over some or all dimensions; the gradient is repeated over them. Floats are added in
 * double in a fixed order, integers exactly as int64.
 */
final class Sum extends DimsOp {
  /* Independent accumulators hide the latency of an addition; a fixed count of them keeps the bits fixed. */
  private static final int LANES = 8;

  /** No dims means all. */
  Sum(int[] dims, boolean keepDim) {
    super(dims, keepDim);
  }

  @Override
  public String nodeName() {
    return dims.length == 0 ? "SumBackward0" : "SumBackward1";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    DType dtype = x.dtype().isFloatingPoint() ? x.dtype() : DType.INT64;
    Dims d = Dims.of("sum", x, dims, keepDim);
    Tensor out = Tensor.zeros(x.device(), dtype, d.result());
    if (x.numel() > 0) {
      if (x.device().isCuda()) {
        Tensor summed = x.dtype() == dtype ? x : Ops.copy(x, x.device(), dtype);
        CudaReduce.run(unit(), summed, d, out);
      } else if (dtype == DType.INT64) sumLongs(x, d, out.storage().<long[]>array());
      else sumDoubles(x, d, out);
    }
    return new Tensor[] {out};
  }

  @Override
  public String cudaSource() {
    return CudaReduce.source(
        unit(),
        """
        template <class T> struct Sum {
          using A = double;
          static __device__ A none() { return 0; }
          static __device__ A of(T x, int) { return x; }
          static __device__ A join(A a, A b) { return a + b; }
          static __device__ T result(A a) { return T(a); }
        };
        template <class T> struct Fold : Sum<T> {};
        template <> struct Fold<long long> {
          using A = long long;
          static __device__ A none() { return 0; }
          static __device__ A of(long long x, int) { return x; }
          static __device__ A join(A a, A b) { return a + b; }
          static __device__ A result(A a) { return a; }
        };
        """,
        "T",
        DType.FLOAT32,
        DType.FLOAT64,
        DType.INT64);
  }

  private static void sumLongs(Tensor x, Dims d, long[] sums) {
    StridedIterator outer = StridedIterator.from(x.offset(), d.kept(), x);
    int k = 0;
    do {
      for (int i = 0; i < outer.run; i++) {
        StridedIterator inner = StridedIterator.from(outer.at(0, i), d.folded(), x);
        do {
          for (int j = 0; j < inner.run; j++) sums[k] += x.storage().getLong(inner.at(0, j));
        } while (inner.next());
        k++;
      }
    } while (outer.next());
  }

  /* Neighbouring results whose inputs are neighbours too are summed side by side, row by row: memory is read in order. */
  private static void sumDoubles(Tensor x, Dims d, Tensor out) {
    StridedIterator outer = StridedIterator.from(x.offset(), d.kept(), x);
    boolean sideBySide = outer.step(0) == 1 && outer.run > 1;
    int chunk = Math.min(ElementType.CHUNK, outer.run);
    double[] sums = ElementType.DOUBLE.scratch(chunk);
    double[] scratch = ElementType.DOUBLE.scratch(Math.min(ElementType.CHUNK, x.numel()));
    int k = 0;
    do {
      for (int from = 0; from < outer.run; from += chunk) {
        int n = Math.min(chunk, outer.run - from);
        int at = outer.at(0, from);
        if (sideBySide) sumColumns(x, d.folded(), at, n, sums, scratch);
        else
          for (int i = 0; i < n; i++)
            sums[i] = sumRun(x, d.folded(), at + i * outer.step(0), scratch);
        ElementType.DOUBLE.store(sums, out.storage(), k, 1, n);
        k += n;
      }
    } while (outer.next());
    ElementType.DOUBLE.release(sums);
    ElementType.DOUBLE.release(scratch);
  }

  private static void sumColumns(
      Tensor x, int[] folded, int at, int n, double[] sums, double[] scratch) {
    java.util.Arrays.fill(sums, 0, n, 0);
    StridedIterator inner = StridedIterator.from(at, folded, x);
    do {
      for (int r = 0; r < inner.run; r++) {
        int row = inner.at(0, r);
        if (x.dtype() == DType.FLOAT32) {
          FloatKernels.best().addEach(sums, n, x.storage().array(), row);
        } else {
          ElementType.DOUBLE.load(x.storage(), row, 1, n, scratch);
          for (int i = 0; i < n; i++) sums[i] += scratch[i];
        }
      }
    } while (inner.next());
  }

  private static double sumRun(Tensor x, int[] folded, int at, double[] scratch) {
    StridedIterator inner = StridedIterator.from(at, folded, x);
    if (x.dtype() == DType.FLOAT32 && inner.step(0) == 1) return sumFloats(x, inner);
    double[] lanes = new double[LANES];
    do {
      for (int from = 0; from < inner.run; from += ElementType.CHUNK) {
        int n = Math.min(ElementType.CHUNK, inner.run - from);
        ElementType.DOUBLE.load(x.storage(), inner.at(0, from), inner.step(0), n, scratch);
        int i = 0;
        for (; i + LANES <= n; i += LANES)
          for (int l = 0; l < LANES; l++) lanes[l] += scratch[i + l];
        for (; i < n; i++) lanes[i % LANES] += scratch[i];
      }
    } while (inner.next());
    double sum = 0;
    for (double lane : lanes) sum += lane;
    return sum;
  }

  private static double sumFloats(Tensor x, StridedIterator inner) {
    double sum = 0;
    do sum += FloatKernels.best().sum(inner.run, x.storage().array(), inner.at(0));
    while (inner.next());
    return sum;
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    int[] shape = ctx.inputShape(0);
    return new Tensor[] {Dims.restore(grads[0], shape, dims).expand(shape)};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 4)),
        new SampleInput(this, make.any()),
        new SampleInput(this, make.any(0, 3)),
        new SampleInput(new Sum(new int[] {0}, false), make.any(2, 3, 4)),
        new SampleInput(new Sum(new int[] {-1}, false), make.any(2, 3, 4)),
        new SampleInput(new Sum(new int[] {0, 2}, true), make.any(2, 3, 4)),
        new SampleInput(new Sum(new int[] {1}, false), make.any(4, 3).t()),
        new SampleInput(new Sum(new int[] {0}, false), make.any(0, 3)));
  }

  /** Σ x over what broadcasting to x's shape had repeated. */
  static Tensor to(Tensor x, int... shape) {
    int lead = x.dim() - shape.length;
    int[] dims = new int[x.dim()];
    int n = 0;
    for (int d = 0; d < x.dim(); d++) {
      if (d < lead || shape[d - lead] == 1 && x.shape()[d] != 1) dims[n++] = d;
    }
    Tensor sum = n == 0 ? x : x.sum(java.util.Arrays.copyOf(dims, n), true);
    return java.util.Arrays.equals(sum.shape(), shape) ? sum : sum.view(shape);
  }

  @Override
  DimsOp with(int[] dims, boolean keepDim) {
    return new Sum(dims, keepDim);
  }
}
