package io.sparkgrad.op.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.Check;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.CudaArgs;
import io.sparkgrad.op.kernel.CudaKernels;
import java.util.Arrays;
import java.util.List;

/**
 * The largest number of each window of a plane, and its place there as row · width + column: of
 * equal ones the first, which has the gradient; the last NaN if there is one. Torch's
 * max_pool2d_with_indices.
 */
final class MaxPool2d extends Op {
  private static final CudaArgs ARGS =
      new CudaArgs(
          """
          struct Args {
            const void* x;
            void* y;
            long long* places;
            int n;
            int size[2];
            int out[2];
            int kernel[2];
            int stride[2];
            int padding[2];
            int dilation[2];
          };
          """);

  private final int[] kernelSize;
  private final int[] stride;
  private final int[] padding;
  private final int[] dilation;
  private final boolean ceilMode;

  MaxPool2d(int[] kernelSize, int[] stride, int[] padding, int[] dilation, boolean ceilMode) {
    this.kernelSize = kernelSize;
    this.stride = stride;
    this.padding = padding;
    this.dilation = dilation;
    this.ceilMode = ceilMode;
  }

  @Override
  public String name() {
    return "maxPool2dWithIndices";
  }

  @Override
  public String nodeName() {
    return "MaxPool2DWithIndicesBackward0";
  }

  @Override
  protected String derivativeNodeName(Context ctx) {
    return "MaxPool2DWithIndicesBackwardBackward0";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    PoolingCheck.settings(name(), kernelSize, stride, padding, dilation);
    PoolingCheck.input(name(), in[0]);
    Tensor x = in[0].contiguous();
    Windows[] windows = new Windows[2];
    for (int d = 0; d < 2; d++)
      windows[d] =
          Windows.sliding(
              x.size(d - 2), kernelSize[d], stride[d], padding[d], dilation[d], ceilMode);
    PoolingCheck.result(name(), x, windows);
    int[] shape = x.shape().clone();
    for (int d = 0; d < 2; d++) shape[shape.length - 2 + d] = windows[d].outputs();
    Tensor y = x.newEmpty(shape);
    Tensor places = Tensor.empty(x.device(), DType.INT64, shape);
    if (y.numel() > 0) {
      if (y.device().isCuda()) onCuda(x, y, places, windows);
      else if (y.dtype() == DType.FLOAT32) inFloat(x, y, places, windows);
      else inDouble(x, y, places, windows);
    }
    ctx.save(places);
    return new Tensor[] {y, places};
  }

  /* Without a branch on what numbers are, which no processor could foresee. */
  private static void inFloat(Tensor x, Tensor y, Tensor places, Windows... windows) {
    float[] from = x.storage().array();
    float[] to = y.storage().array();
    long[] at = places.storage().array();
    int width = x.size(-1);
    int plane = x.size(-2) * width;
    Windows rows = windows[0];
    Windows columns = windows[1];
    long[] most = new long[columns.outputs()];
    int t = 0;
    for (int first = x.offset(); t < to.length; first += plane)
      for (int i = 0; i < rows.outputs(); i++, t += most.length) {
        for (int j = 0; j < most.length; j++)
          most[j] = rank(Float.NEGATIVE_INFINITY, rows.start()[i] * width + columns.start()[j]);
        for (int r = rows.start()[i]; r < rows.end()[i]; r += rows.step())
          line(from, first, r * width, columns, most);
        for (int j = 0; j < most.length; j++) {
          int place = Integer.MAX_VALUE - ((int) most[j] & Integer.MAX_VALUE);
          float v = from[first + place];
          to[t + j] = v;
          at[t + j] = v == v ? place : lastNan(from, first, width, rows, i, columns, j);
        }
      }
  }

  /* What a line of the image adds to a row of windows. */
  private static void line(float[] from, int first, int line, Windows columns, long[] most) {
    int[] start = columns.start();
    int[] end = columns.end();
    int longest = 0;
    for (int j = 0; j < most.length; j++) longest = Math.max(longest, end[j] - start[j]);
    for (int k = 0; k < longest; k += columns.step())
      for (int j = 0; j < most.length; j++) {
        int c = start[j] + k;
        if (c >= end[j]) continue;
        long rank = rank(from[first + line + c], line + c);
        long less = most[j] - rank;
        most[j] -= less & less >> 63; // the larger of both
      }
  }

  /* Ordered as numbers are, NaN last, and equal ones by their places, the first one last. */
  private static long rank(float v, int place) {
    int bits = Float.floatToIntBits(v + 0f); // 0 for -0
    return (long) (bits ^ bits >> 31 & Integer.MAX_VALUE) << 31 | Integer.MAX_VALUE - place;
  }

  private static int lastNan(
      float[] from, int first, int width, Windows rows, int i, Windows columns, int j) {
    int place = 0;
    for (int r = rows.start()[i]; r < rows.end()[i]; r += rows.step())
      for (int c = columns.start()[j]; c < columns.end()[j]; c += columns.step()) {
        float v = from[first + r * width + c];
        if (v != v) place = r * width + c;
      }
    return place;
  }

  private static void inDouble(Tensor x, Tensor y, Tensor places, Windows... windows) {
    double[] from = x.storage().array();
    double[] to = y.storage().array();
    long[] at = places.storage().array();
    int width = x.size(-1);
    int plane = x.size(-2) * width;
    Windows rows = windows[0];
    Windows columns = windows[1];
    int t = 0;
    for (int first = x.offset(); t < to.length; first += plane)
      for (int i = 0; i < rows.outputs(); i++)
        for (int j = 0; j < columns.outputs(); j++, t++) {
          int start = columns.start()[j];
          int end = columns.end()[j];
          int place = rows.start()[i] * width + start;
          double most = Double.NEGATIVE_INFINITY;
          for (int r = rows.start()[i]; r < rows.end()[i]; r += rows.step())
            for (int c = start; c < end; c += columns.step()) {
              double v = from[first + r * width + c];
              if (v > most || v != v) {
                most = v;
                place = r * width + c;
              }
            }
          to[t] = most;
          at[t] = place;
        }
  }

  private void onCuda(Tensor x, Tensor y, Tensor places, Windows... windows) {
    int n = y.numel();
    ARGS.threads(
        unit(),
        y.dtype(),
        n,
        new Tensor[] {x, y, places},
        n,
        x.size(-2),
        x.size(-1),
        windows[0].outputs(),
        windows[1].outputs(),
        kernelSize[0],
        kernelSize[1],
        stride[0],
        stride[1],
        padding[0],
        padding[1],
        dilation[0],
        dilation[1]);
  }

  @Override
  public String cudaSource() {
    return """
    #include "kernel.cuh"

    """
        + ARGS
        + """

        /* The first place of a window that lies within. */
        inline __device__ int inside(int from, int step) {
          return from < 0 ? from + (-from + step - 1) / step * step : from;
        }

        /* One thread a window. */
        template <class T> inline __device__ void run(const Args& args) {
          const int width = args.size[1];
          for (int t = blockIdx.x * blockDim.x + threadIdx.x; t < args.n; t += gridDim.x * blockDim.x) {
            const int j = t % args.out[1] * args.stride[1] - args.padding[1];
            const int i = t / args.out[1] % args.out[0] * args.stride[0] - args.padding[0];
            const T* x = static_cast<const T*>(args.x) + (long long)(t / args.out[1] / args.out[0]) * args.size[0] * width;
            const int start = inside(j, args.dilation[1]);
            int place = inside(i, args.dilation[0]) * width + start;
            T most = -INFINITY;
            for (int r = inside(i, args.dilation[0]); r < args.size[0] && r < i + args.kernel[0] * args.dilation[0]; r += args.dilation[0])
              for (int c = start; c < width && c < j + args.kernel[1] * args.dilation[1]; c += args.dilation[1]) {
                const T v = x[r * width + c];
                if (v > most || v != v) {
                  most = v;
                  place = r * width + c;
                }
              }
            static_cast<T*>(args.y)[t] = most;
            args.places[t] = place;
          }
        }

        """
        + CudaKernels.kernels(unit(), "Args", 64, DType.FLOAT32, DType.FLOAT64);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    int[] shape = ctx.inputShape(0);
    int plane = shape[shape.length - 2] * shape[shape.length - 1];
    int[] planes = Arrays.copyOf(shape, shape.length - 1);
    planes[planes.length - 1] = plane;
    Tensor g = grads[0];
    Tensor sums =
        g.newZeros(planes).scatterAdd(-1, ctx.saved(0).flatten(-2, -1), g.flatten(-2, -1));
    return new Tensor[] {sums.view(shape)};
  }

  @Override
  protected Tensor[] fusedBackward(Context ctx, Tensor... grads) {
    Tensor places = ctx.saved(0);
    if (grads[0].device().isCuda()) return null;
    Tensor g = grads[0].contiguous();
    Tensor x = g.newZeros(ctx.inputShape(0));
    if (g.numel() == 0) return new Tensor[] {x};
    long[] at = places.storage().array();
    int plane = x.size(-2) * x.size(-1);
    int window = g.size(-2) * g.size(-1);
    if (g.dtype() == DType.FLOAT32) {
      float[] from = g.storage().array();
      float[] to = x.storage().array();
      for (int p = 0, t = 0; t < at.length; p += plane)
        for (int end = t + window; t < end; t++) to[p + (int) at[t]] += from[g.offset() + t];
    } else {
      double[] from = g.storage().array();
      double[] to = x.storage().array();
      for (int p = 0, t = 0; t < at.length; p += plane)
        for (int end = t + window; t < end; t++) to[p + (int) at[t]] += from[g.offset() + t];
    }
    return new Tensor[] {x};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(pool(2, 2, 0, 1, false), make.any(2, 2, 5, 4)),
        new SampleInput(pool(3, 2, 1, 1, true), make.any(1, 2, 6, 5)),
        new SampleInput(pool(2, 1, 1, 2, false), make.any(2, 4, 5)),
        new SampleInput(pool(2, 3, 0, 1, false), make.any(0, 2, 4, 4)));
  }

  private static Op pool(int kernel, int stride, int padding, int dilation, boolean ceilMode) {
    return new MaxPool2d(
        new int[] {kernel, kernel},
        new int[] {stride, stride},
        new int[] {padding, padding},
        new int[] {dilation, dilation},
        ceilMode);
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    Tensor x = make.any(1, 2, 5, 5);
    return List.of(
        pool(2, 2, 2, 1, false).errorInput("pad should be at most half of kernel size", x),
        pool(2, 2, -1, 1, false).errorInput("pad must be non-negative, but got pad: -1", x),
        pool(0, 1, 0, 1, false).errorInput("kernel size should be greater than zero", x),
        pool(2, 0, 0, 1, false).errorInput("stride should not be zero", x),
        pool(2, 1, 0, 0, false).errorInput("dilation should be greater than zero", x),
        pool(2, 2, 0, 1, false).errorInput("Output size is too small", make.any(1, 2, 1, 5)),
        pool(2, 2, 0, 1, false).errorInput("3D or 4D", make.any(5, 5)),
        pool(2, 2, 0, 1, false)
            .errorInput("not implemented for torch.int64", make.below(3, 1, 1, 4, 4)));
  }

  @Override
  protected String exempt(Check check) {
    return check == Check.PYTORCH ? "maxPool2d has them" : super.exempt(check);
  }
}
