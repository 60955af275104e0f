package io.sparkgrad.op.reduce;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.CudaKernel;
import io.sparkgrad.backend.cuda.KernelArgs;
import io.sparkgrad.op.Check;
import io.sparkgrad.op.Copy;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.CudaReduce;
import io.sparkgrad.op.kernel.Dims;
import io.sparkgrad.op.kernel.ElementType;
import io.sparkgrad.op.kernel.StridedIterator;
import io.sparkgrad.op.shape.ViewAdjoint;
import java.util.List;

/**
 * The linear recurrence y[k] = b[k] + a[k]·y[k - 1] along a dimension, y[0] = b[0], or the same
 * from the end: what cumulative sums and products are made of. Its derivative is a scan the other
 * way round: db[k] = g[k] + a[k + 1]·db[k + 1], da[k] = db[k]·y[k - 1].
 */
public final class Scan extends Op {
  private static final int THREADS = 256;

  private final int dim;
  private final boolean fromEnd;
  private final boolean isSum;

  Scan(int dim, boolean fromEnd) {
    this(dim, fromEnd, false);
  }

  private Scan(int dim, boolean fromEnd, boolean isSum) {
    this.dim = dim;
    this.fromEnd = fromEnd;
    this.isSum = isSum;
  }

  /** Begins with 0 + b[0], which is not -0. */
  static Scan sum(int dim, boolean fromEnd) {
    return new Scan(dim, fromEnd, true);
  }

  /** Bools are no type to scan in, but where there is nothing to add or to multiply. */
  static void check(String method, Tensor x, DType dtype) {
    if (dtype == DType.BOOL && x.dim() > 0 && x.numel() > 0)
      throw new IllegalArgumentException(
          "%s: not implemented for %s; choose another dtype".formatted(method, dtype));
  }

  /** For each place the product of all elements before it, or of all behind it; 1 for none. */
  public static Tensor productOfOthers(Tensor x, int dim, boolean fromEnd) {
    Tensor one = x.newZeros(x.shape());
    one.select(dim, fromEnd ? -1 : 0).fill_(1);
    return Ops.call(new Scan(dim, fromEnd), one, x.roll(fromEnd ? -1 : 1, dim));
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    DType type = DType.promote(in);
    int[] shape = Shape.broadcast(name(), in[0].shape(), in[1].shape());
    Tensor b = in[0].to(type).expand(shape);
    Tensor a = in[1].to(type).expand(shape);
    Tensor out = Tensor.empty(b.device(), type, shape);
    if (out.dim() == 0) Copy.copy(b, out);
    else if (out.numel() > 0) {
      int d = Shape.dim(dim, shape.length);
      if (out.device().isCuda()) onCuda(b, a, out, d);
      else each(b, a, out, d);
    }
    ctx.save(in[1], ctx.needsGrad(1) ? out : null);
    return new Tensor[] {out};
  }

  private void each(Tensor b, Tensor a, Tensor out, int d) {
    int n = out.shape()[d];
    boolean whole = !out.dtype().isFloatingPoint();
    double[][] floats = new double[2][whole ? 0 : n];
    long[][] longs = new long[2][whole ? n : 0];
    StridedIterator iterator = lines(d, b, a, out);
    int first = fromEnd ? n - 1 : 0;
    do {
      for (int i = 0; i < iterator.run; i++) {
        int[] at = new int[3];
        for (int k = 0; k < 3; k++) at[k] = iterator.at(k, i);
        if (whole) {
          ElementType.LONG.load(b.storage(), at[0], b.strides()[d], n, longs[0]);
          ElementType.LONG.load(a.storage(), at[1], a.strides()[d], n, longs[1]);
          line(first, n, longs[0], longs[1]);
          ElementType.LONG.store(longs[0], out.storage(), at[2], out.strides()[d], n);
        } else {
          ElementType.DOUBLE.load(b.storage(), at[0], b.strides()[d], n, floats[0]);
          ElementType.DOUBLE.load(a.storage(), at[1], a.strides()[d], n, floats[1]);
          floats[0][first] += isSum ? 0.0 : -0.0;
          line(first, n, floats[0], floats[1]);
          ElementType.DOUBLE.store(floats[0], out.storage(), at[2], out.strides()[d], n);
        }
      }
    } while (iterator.next());
  }

  private static void line(int first, int n, double[] y, double[] a) {
    int step = first == 0 ? 1 : -1;
    for (int i = 1, k = first + step; i < n; i++, k += step) y[k] += a[k] * y[k - step];
  }

  private static void line(int first, int n, long[] y, long[] a) {
    int step = first == 0 ? 1 : -1;
    for (int i = 1, k = first + step; i < n; i++, k += step) y[k] += a[k] * y[k - step];
  }

  private static StridedIterator lines(int d, Tensor... all) {
    int[] others = Dims.of("scan", all[0], new int[] {d}, false).kept();
    return StridedIterator.over(others, all);
  }

  @Override
  public String cudaSource() {
    return """
        #include "strided.cuh"

        struct ScanArgs {
          const void* b;
          const void* a;
          void* y;
          int lines;
          int n;
          int from_end;
          int is_sum;
          int step[3]; /* of b, a and y along the dimension */
          StridedShape others;
          int line_step[3][MAX_RANK];
        };

        /* One thread a line: the order of the additions stays the same. */
        template <class T, class A> inline __device__ void scan(const ScanArgs& args) {
          for (int line = blockIdx.x * blockDim.x + threadIdx.x; line < args.lines; line += gridDim.x * blockDim.x) {
            int at[3];
            strided_offsets(args.others, args.line_step, line, at);
            const T* b = static_cast<const T*>(args.b) + at[0];
            const T* a = static_cast<const T*>(args.a) + at[1];
            T* y = static_cast<T*>(args.y) + at[2];
            A sum = 0;
            for (int i = 0; i < args.n; i++) {
              const long long k = args.from_end ? args.n - 1 - i : i;
              const A add = b[k * args.step[0]];
              if (i > 0) sum = add + A(a[k * args.step[1]]) * sum;
              else sum = args.is_sum ? add + A(0) : add;
              y[k * args.step[2]] = T(sum);
            }
          }
        }

        KERNEL(scan_f32, 256, ScanArgs) { scan<float, double>(args); }
        KERNEL(scan_f64, 256, ScanArgs) { scan<double, double>(args); }
        KERNEL(scan_i64, 256, ScanArgs) { scan<long long, long long>(args); }
        """;
  }

  private void onCuda(Tensor b, Tensor a, Tensor out, int d) {
    boolean narrow = !out.dtype().isFloatingPoint() && out.dtype() != DType.INT64;
    DType type = narrow ? DType.INT64 : out.dtype();
    Tensor from = b.to(type);
    Tensor by = a.to(type);
    Tensor y = narrow ? Tensor.empty(out.device(), type, out.shape()) : out;
    CudaDevice device = CudaDevice.of(out.device().ordinal());
    KernelArgs args = device.args();
    for (Tensor t : List.of(from, by, y))
      args.pointer(t.storage().memory(), (long) t.offset() * type.bytes());
    int n = out.shape()[d];
    args.i32(out.numel() / n).i32(n).i32(fromEnd ? 1 : 0).i32(isSum ? 1 : 0);
    for (Tensor t : List.of(from, by, y)) args.i32(t.strides()[d]);
    CudaReduce.add(args, name(), lines(d, from, by, y));
    CudaKernel kernel = device.kernel(unit(), unit() + "_" + type.kernelSuffix());
    kernel.launch(args, kernel.blocks(out.numel() / n, THREADS), THREADS);
    if (narrow) Copy.copy(y, out);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    if (g.numel() == 0 || g.dim() == 0) return new Tensor[] {g, g.newZeros(ctx.inputShape(1))};
    Tensor next = ctx.saved(0).expand(g.shape()).roll(fromEnd ? 1 : -1, dim);
    Tensor db = Ops.call(new Scan(dim, !fromEnd, isSum), g, next);
    Tensor da = null;
    if (ctx.needsGrad(1)) {
      int n = g.size(dim) - 1;
      Tensor y = ctx.saved(1).narrow(dim, fromEnd ? 1 : 0, n);
      da = db.mul(ViewAdjoint.ofNarrow(y, dim, fromEnd ? 0 : 1, g.shape()));
    }
    return new Tensor[] {ctx.needsGrad(0) ? db : null, da};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Scan(1, false), make.any(3, 5), make.any(3, 5)),
        new SampleInput(new Scan(0, true), make.any(4, 3), make.any(4, 3)),
        new SampleInput(new Scan(0, false), make.any(3, 4).t(), make.any(4, 3)),
        new SampleInput(new Scan(-1, true), make.any(2, 3, 4), make.any(4)),
        new SampleInput(new Scan(0, false), make.any(), make.any()),
        new SampleInput(new Scan(1, false), make.any(3, 0), make.any(3, 0)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput("must match the size of tensor b (4)", make.any(2, 3), make.any(2, 4)));
  }

  @Override
  protected String exempt(Check check) {
    return switch (check) {
      case PYTORCH, METHOD -> "a step of cumsum and cumprod";
      default -> super.exempt(check);
    };
  }
}
