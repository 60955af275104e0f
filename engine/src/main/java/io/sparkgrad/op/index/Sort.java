package io.sparkgrad.op.index;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.CudaKernel;
import io.sparkgrad.backend.cuda.KernelArgs;
import io.sparkgrad.op.Copy;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.CudaReduce;
import io.sparkgrad.op.kernel.Dims;
import io.sparkgrad.op.kernel.StridedIterator;
import java.util.List;

/**
 * The elements along a dimension in order, and where they were; equal ones keep their order, NaN is
 * the largest. The gradient goes back to where the elements were.
 */
final class Sort extends Op {
  private static final int THREADS = 256;

  private final int dim;
  private final boolean descending;

  Sort(int dim, boolean descending) {
    this.dim = dim;
    this.descending = descending;
  }

  /* Each element counts what comes before it: quadratic in a line's length, and in any order of threads the same. */
  @Override
  public String cudaSource() {
    StringBuilder text =
        new StringBuilder(
            """
            #include "strided.cuh"

            struct SortArgs {
              const void* x;
              long long* order;
              int lines;
              int n;
              int x_step;
              int order_step;
              int descending;
              StridedShape others;
              int step[2][MAX_RANK];
            };

            /* Whether a comes before b, a NaN as the largest. */
            template <class T> inline __device__ bool before(T a, T b) { return a < b || (a == a && b != b); }

            template <class T> inline __device__ void sort(const SortArgs& args) {
              for (int line = blockIdx.x; line < args.lines; line += gridDim.x) {
                int at[2];
                strided_offsets(args.others, args.step, line, at);
                const T* x = static_cast<const T*>(args.x) + at[0];
                for (int i = threadIdx.x; i < args.n; i += blockDim.x) {
                  const T mine = x[(long long)i * args.x_step];
                  int rank = 0;
                  for (int k = 0; k < args.n; k++) {
                    const T other = x[(long long)k * args.x_step];
                    const bool first = args.descending ? before(mine, other) : before(other, mine);
                    const bool last = args.descending ? before(other, mine) : before(mine, other);
                    rank += first || (!last && k < i);
                  }
                  args.order[at[1] + (long long)rank * args.order_step] = i;
                }
              }
            }

            """);
    for (DType t : List.of(DType.FLOAT32, DType.FLOAT64, DType.INT64)) {
      text.append(
          String.format(
              "KERNEL(%s_%s, %d, SortArgs) { sort<%s>(args); }%n",
              unit(), t.kernelSuffix(), THREADS, t.cName()));
    }
    return text.toString();
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    Shape.dim(dim, x.dim());
    Tensor order = x.device().isCuda() ? orderOnCuda(x) : order(Ops.copy(x));
    Tensor values = x.dim() == 0 ? Ops.copy(x) : x.gather(dim, order);
    Tensor[] out = {likeGiven(values, x), likeGiven(order, x)};
    ctx.save(out[1]);
    return out;
  }

  /* The numbers in the order in memory of what was sorted. */
  private static Tensor likeGiven(Tensor numbers, Tensor given) {
    if (given.isContiguous()) return numbers;
    Tensor out = Ops.emptyLike(numbers.dtype(), numbers.shape(), given);
    Copy.copy(numbers, out);
    return out;
  }

  private Tensor orderOnCuda(Tensor given) {
    Tensor out = Tensor.zeros(given.device(), DType.INT64, given.shape());
    if (given.dim() == 0 || given.numel() == 0) return out;
    boolean own = given.dtype().isFloatingPoint() || given.dtype() == DType.INT64;
    Tensor x = own ? given : Ops.copy(given, given.device(), DType.INT64);
    int d = Shape.dim(dim, x.dim());
    int n = x.shape()[d];
    int[] others = Dims.of(name(), x, new int[] {d}, false).kept();
    CudaDevice device = CudaDevice.of(x.device().ordinal());
    KernelArgs args =
        device
            .args()
            .pointer(x.storage().memory(), (long) x.offset() * x.dtype().bytes())
            .pointer(out.storage().memory(), 0)
            .i32(x.numel() / n)
            .i32(n)
            .i32(x.strides()[d])
            .i32(out.strides()[d])
            .i32(descending ? 1 : 0);
    CudaReduce.add(args, name(), StridedIterator.relative(others, x, out));
    CudaKernel kernel = device.kernel(unit(), unit() + "_" + x.dtype().kernelSuffix());
    kernel.launch(args, kernel.blocks(x.numel() / n, 1), THREADS);
    return out;
  }

  private Tensor order(Tensor x) {
    Tensor out = Tensor.zeros(DType.INT64, x.shape());
    if (x.dim() == 0 || x.numel() == 0) return out;
    int d = Shape.dim(dim, x.dim());
    int step = x.strides()[d];
    int n = x.shape()[d];
    int[] others = Dims.of(name(), x, new int[] {d}, false).kept();
    StridedIterator iterator = StridedIterator.relative(others, x);
    long[] keys = new long[n];
    do {
      for (int i = 0; i < iterator.run; i++) {
        int at = iterator.at(0, i);
        for (int k = 0; k < n; k++) keys[k] = key(x.storage(), at + k * step);
        int[] line = order(keys);
        for (int k = 0; k < n; k++) out.storage().<long[]>array()[at + k * step] = line[k];
      }
    } while (iterator.next());
    return out;
  }

  /* A number that compares as the element does; of equal elements equal ones. */
  private long key(Storage s, int at) {
    long key;
    if (!s.dtype().isFloatingPoint()) key = s.getLong(at);
    else {
      long bits = Double.doubleToLongBits(s.getDouble(at) + 0.0); // -0 equals 0
      key = bits ^ (bits >> 63 & Long.MAX_VALUE);
    }
    return descending ? ~key : key;
  }

  /** The places of the keys in ascending order, equal ones as they were: a merge sort. */
  static int[] order(long[] keys) {
    int n = keys.length;
    int[] from = new int[n];
    int[] to = new int[n];
    for (int i = 0; i < n; i++) from[i] = i;
    for (int run = 1; run < n; run *= 2) {
      for (int at = 0; at < n; at += 2 * run) {
        int middle = Math.min(at + run, n);
        merge(keys, from, to, at, middle, Math.min(middle + run, n));
      }
      int[] swap = from;
      from = to;
      to = swap;
    }
    return from;
  }

  private static void merge(long[] keys, int[] from, int[] to, int at, int middle, int end) {
    int a = at;
    int b = middle;
    for (int k = at; k < end; k++) {
      boolean first = a < middle && (b >= end || keys[from[a]] <= keys[from[b]]);
      to[k] = first ? from[a++] : from[b++];
    }
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    if (g.dim() == 0) return new Tensor[] {g};
    Tensor back = g.newZeros(g.shape()).scatterAdd(dim, ctx.saved(0), g);
    return new Tensor[] {Ops.named("ScatterBackward0", back)};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Sort(1, false), make.any(3, 5)),
        new SampleInput(new Sort(0, true), make.any(3, 4).t()),
        new SampleInput(new Sort(-1, false), make.any(2, 2, 3)),
        new SampleInput(new Sort(0, false), make.any()),
        new SampleInput(new Sort(0, false), make.any(0)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Sort(2, false)
            .errorInput(
                "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
                make.any(2, 3)));
  }
}
