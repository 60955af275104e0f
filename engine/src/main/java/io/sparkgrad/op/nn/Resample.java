package io.sparkgrad.op.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.Check;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.Require;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.CudaArgs;
import io.sparkgrad.op.kernel.CudaKernels;
import java.util.List;

/**
 * A dimension times a matrix of {@link Bands}: y[.., i, ..] = Σ bands[i, k]·x[.., k, ..]. Averages
 * over windows and interpolation are such products along one dimension after the other; the
 * gradient is the product with the transpose.
 */
final class Resample extends Op {
  private static final CudaArgs ARGS =
      new CudaArgs(
          """
          struct Args {
            const void* x;
            void* y;
            const int* start;
            const int* at;
            const void* weights;
            int n;
            int inputs;
            int outputs;
            int inner;
          };
          """);

  private final int dim;
  private final Bands bands;

  /**
   * @param dim counted from the last one, -1
   */
  Resample(int dim, Bands bands) {
    this.dim = dim;
    this.bands = bands;
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Require.floats(name(), in[0]);
    Tensor x = in[0].contiguous();
    int d = Shape.dim(dim, x.dim());
    if (x.size(d) != bands.inputs())
      throw new IllegalArgumentException(
          "resample: expected %d numbers along dimension %d, got %d"
              .formatted(bands.inputs(), d, x.size(d)));
    int[] shape = x.shape().clone();
    shape[d] = bands.outputs();
    Tensor y = x.newEmpty(shape);
    int inner = 1;
    for (int k = d + 1; k < shape.length; k++) inner *= shape[k];
    if (y.numel() == 0) return new Tensor[] {y};
    if (y.device().isCuda()) onCuda(x, y, inner);
    else if (y.dtype() == DType.FLOAT32) inFloat(x, y, inner);
    else inDouble(x, y, inner);
    return new Tensor[] {y};
  }

  private void inFloat(Tensor x, Tensor y, int inner) {
    float[] from = x.storage().array();
    float[] to = y.storage().array();
    float[] w = new float[bands.weights().length];
    for (int k = 0; k < w.length; k++) w[k] = (float) bands.weights()[k];
    int outputs = bands.outputs();
    for (int o = 0, at = 0; at < to.length; o++)
      for (int i = 0; i < outputs; i++, at += inner) {
        int first = x.offset() + (o * bands.inputs() + bands.start()[i]) * inner;
        int n = bands.length(i);
        int weights = bands.at()[i];
        for (int j = 0; j < inner; j++) {
          float sum = 0;
          for (int k = 0; k < n; k++) sum += w[weights + k] * from[first + k * inner + j];
          to[at + j] = sum;
        }
      }
  }

  private void inDouble(Tensor x, Tensor y, int inner) {
    double[] from = x.storage().array();
    double[] to = y.storage().array();
    double[] w = bands.weights();
    int outputs = bands.outputs();
    for (int o = 0, at = 0; at < to.length; o++)
      for (int i = 0; i < outputs; i++, at += inner) {
        int first = x.offset() + (o * bands.inputs() + bands.start()[i]) * inner;
        int n = bands.length(i);
        int weights = bands.at()[i];
        for (int j = 0; j < inner; j++) {
          double sum = 0;
          for (int k = 0; k < n; k++) sum += w[weights + k] * from[first + k * inner + j];
          to[at + j] = sum;
        }
      }
  }

  private void onCuda(Tensor x, Tensor y, int inner) {
    Tensor start = Tensor.of(bands.start(), bands.start().length).to(y.device());
    Tensor at = Tensor.of(bands.at(), bands.at().length).to(y.device());
    double[] numbers = bands.weights().length == 0 ? new double[1] : bands.weights();
    Tensor weights = Tensor.of(numbers, numbers.length).to(y.dtype()).to(y.device());
    Tensor[] tensors = {x, y, start, at, weights};
    int n = y.numel();
    ARGS.threads(unit(), y.dtype(), n, tensors, n, bands.inputs(), bands.outputs(), inner);
  }

  @Override
  public String cudaSource() {
    return """
    #include "kernel.cuh"

    """
        + ARGS
        + """

        /* One thread a number of y. */
        template <class T> inline __device__ void run(const Args& args) {
          const T* x = static_cast<const T*>(args.x);
          const T* weights = static_cast<const T*>(args.weights);
          for (int t = blockIdx.x * blockDim.x + threadIdx.x; t < args.n; t += gridDim.x * blockDim.x) {
            const int j = t % args.inner;
            const int i = t / args.inner % args.outputs;
            const long long first = (long long)(t / args.inner / args.outputs) * args.inputs + args.start[i];
            T sum = 0;
            for (int k = args.at[i]; k < args.at[i + 1]; k++)
              sum += weights[k] * x[(first + k - args.at[i]) * args.inner + j];
            static_cast<T*>(args.y)[t] = sum;
          }
        }

        """
        + CudaKernels.kernels(unit(), "Args", 64, DType.FLOAT32, DType.FLOAT64);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {Ops.call(new Resample(dim, bands.transpose()), grads[0])};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    Bands average = Windows.sliding(7, 3, 2, 1, 1, true).averages(7, true);
    return List.of(
        new SampleInput(new Resample(-1, average), make.any(2, 3, 7)),
        new SampleInput(new Resample(-2, average), make.any(2, 7, 3)),
        new SampleInput(new Resample(-1, average.transpose()), make.any(4)),
        new SampleInput(new Resample(-2, Bands.linear(3, 5, 0.6, false)), make.any(2, 3, 2)),
        new SampleInput(
            new Resample(-1, Windows.adaptive(5, 3).averages(5, false)), make.any(0, 5)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    Op op = new Resample(-1, Bands.nearest(3, 6, 0.5));
    return List.of(op.errorInput("expected 3 numbers along dimension 1, got 4", make.any(2, 4)));
  }

  @Override
  protected String exempt(Check check) {
    return switch (check) {
      case PYTORCH, METHOD -> "a step of avgPool2d, interpolate and their kin";
      default -> super.exempt(check);
    };
  }
}
