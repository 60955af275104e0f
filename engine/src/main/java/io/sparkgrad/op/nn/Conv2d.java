package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/**
 * y[n, o, i, j] = b[o] + Σ w[o, c, p, q]·x[n, c, i·stride - padding + p·dilation, ...] over a
 * kernel's pixels p, q and the channels c of o's group, x 0 outside: torch.nn.functional.conv2d.
 */
final class Conv2d extends Op {
  private final int[] stride;
  private final int[] padding;
  private final int[] dilation;
  private final int groups;

  Conv2d(int[] stride, int[] padding, int[] dilation, int groups) {
    this.stride = stride;
    this.padding = padding;
    this.dilation = dilation;
    this.groups = groups;
  }

  @Override
  public String nodeName() {
    return "ConvolutionBackward0";
  }

  @Override
  protected String derivativeNodeName(Context ctx) {
    return "ConvolutionBackwardBackward0";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    Tensor w = in[1];
    ConvolutionCheck.operands(name(), 4, x, w, in.length > 2 ? in[2] : null);
    ConvolutionCheck.settings(name(), stride, padding, dilation, groups);
    ConvolutionCheck.channels(x, w, groups);
    int[] kernel = {w.size(2), w.size(3)};
    ConvolutionCheck.fits(name(), x, kernel, padding, dilation);
    int[] out = new int[2];
    for (int d = 0; d < 2; d++)
      out[d] = (x.size(d + 2) + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d] + 1;
    ConvolutionCheck.bias(name(), w, w.size(0), in.length > 2 ? in[2] : null);
    Tensor y = convolution(x.shape(), w.shape(), out).outputs(x, w);
    if (in.length > 2) addToChannels(y, in[2]);
    ctx.save(ctx.needsGrad(1) ? x : null, ctx.needsGrad(0) ? w : null);
    return new Tensor[] {y};
  }

  private Convolution convolution(int[] x, int[] w, int[] out) {
    int[] size = {x[2], x[3]};
    int[] kernel = {w[2], w[3]};
    Patches patches = new Patches(x[1], size, kernel, stride, padding, dilation, out);
    return new Convolution(patches, groups, w[0]);
  }

  /** The last pixels of each side of an input x that no patch of the outputs shows. */
  static int[] leftOver(
      int[] x, int[] out, int[] kernel, int[] stride, int[] padding, int[] dilation) {
    int[] left = new int[2];
    for (int d = 0; d < 2; d++)
      left[d] =
          x[d + 2]
              + 2 * padding[d]
              - dilation[d] * (kernel[d] - 1)
              - 1
              - (out[d + 2] - 1) * stride[d];
    return left;
  }

  /** The first outputs, as many as a shape has: more where an output padding exceeds a stride. */
  static Tensor first(Tensor y, int[] shape) {
    for (int d = 2; d < 4; d++) if (y.size(d) > shape[d]) y = y.narrow(d, 0, shape[d]);
    return y;
  }

  static void addToChannels(Tensor y, Tensor bias) {
    if (y.device().isCuda()) y.add_(bias.view(bias.numel(), 1, 1));
    else Planes.add(bias, y);
  }

  @Override
  public String cudaSource() {
    return Patches.cudaSource(
        unit(),
        """
        /* One thread a number of the columns. */
        template <class T> inline __device__ void run(const Args& args) {
          const T* x = static_cast<const T*>(args.x);
          T* columns = static_cast<T*>(args.columns);
          for (int t = blockIdx.x * blockDim.x + threadIdx.x; t < args.n; t += gridDim.x * blockDim.x) {
            int rest = t;
            const int ox = rest % args.width;
            rest /= args.width;
            const int oy = args.row + rest % args.count;
            rest /= args.count;
            const int image = rest % args.images;
            rest /= args.images;
            const int j = rest % args.kernel[1];
            rest /= args.kernel[1];
            const int i = rest % args.kernel[0];
            const int c = rest / args.kernel[0];
            const int iy = oy * args.stride[0] - args.padding[0] + i * args.dilation[0];
            const int ix = ox * args.stride[1] - args.padding[1] + j * args.dilation[1];
            const bool inside = iy >= 0 && iy < args.size[0] && ix >= 0 && ix < args.size[1];
            const long long line = ((long long)image * args.channels + c) * args.size[0] + iy;
            columns[t] = inside ? x[line * args.size[1] + ix] : T(0);
          }
        }

        """);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    int[] x = ctx.inputShape(0);
    int[] w = ctx.inputShape(1);
    int[] kernel = {w[2], w[3]};
    Tensor gx = null;
    Tensor gw = null;
    if (ctx.needsGrad(0)) {
      int[] more = leftOver(x, g.shape(), kernel, stride, padding, dilation);
      Op transposed = new ConvTranspose2d(stride, padding, more, groups, dilation);
      gx = Ops.call(transposed, g, ctx.saved(1));
    }
    if (ctx.needsGrad(1)) {
      Op weights = new Conv2dWeight(kernel, stride, padding, dilation, groups);
      gw = Ops.call(weights, g, ctx.saved(0));
    }
    if (ctx.inputs() < 3) return new Tensor[] {gx, gw};
    return new Tensor[] {gx, gw, ctx.needsGrad(2) ? g.sum(new int[] {0, 2, 3}, false) : null};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        sample(make, one(1), one(0), one(1), 1, make.any(2, 3, 5, 4), make.any(2, 3, 3, 2)),
        sample(make, one(2), one(1), one(1), 1, make.any(2, 2, 5, 6), make.any(3, 2, 3, 3)),
        sample(make, one(1), one(2), one(2), 2, make.any(1, 4, 4, 5), make.any(4, 2, 2, 3)),
        sample(
            make,
            new int[] {2, 1},
            new int[] {0, 2},
            new int[] {1, 3},
            3,
            make.any(2, 3, 4, 4),
            make.any(3, 1, 2, 2)),
        sample(make, one(1), one(0), one(1), 2, make.any(3, 4, 2, 3), make.any(2, 2, 1, 1)),
        sample(make, one(3), one(1), one(1), 1, make.any(0, 1, 4, 4), make.any(2, 1, 2, 2)));
  }

  private static SampleInput sample(
      MakeTensor make, int[] stride, int[] padding, int[] dilation, int groups, Tensor... in) {
    Op op = new Conv2d(stride, padding, dilation, groups);
    return new SampleInput(op, in[0], in[1], make.any(in[1].size(0)));
  }

  private static int[] one(int v) {
    return new int[] {v, v};
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput(
            "expected input[1, 2, 5, 5] to have 3 channels",
            make.any(1, 2, 5, 5),
            make.any(4, 3, 3, 3)),
        errorInput(
            "Kernel size can't be greater than actual input size",
            make.any(1, 3, 2, 5),
            make.any(4, 3, 3, 3)),
        errorInput(
            "Given groups=1, weight of size [4, 3, 3, 3]",
            make.any(1, 4, 5, 5),
            make.any(4, 3, 3, 3)),
        new Conv2d(one(1), one(0), one(1), 2)
            .errorInput(
                "divisible by 2 at dimension 0", make.any(1, 4, 5, 5), make.any(3, 2, 3, 3)),
        errorInput(
            "expected bias to be 1-dimensional with 4 elements",
            make.any(1, 3, 5, 5),
            make.any(4, 3, 3, 3),
            make.any(3)),
        new Conv2d(one(0), one(0), one(1), 1)
            .errorInput(
                "non-positive stride is not supported", make.any(1, 3, 5, 5), make.any(4, 3, 3, 3)),
        new Conv2d(one(1), one(-1), one(1), 1)
            .errorInput(
                "negative padding is not supported", make.any(1, 3, 5, 5), make.any(4, 3, 3, 3)),
        new Conv2d(one(1), one(0), one(0), 1)
            .errorInput(
                "dilation should be greater than zero", make.any(1, 3, 5, 5), make.any(4, 3, 3, 3)),
        new Conv2d(one(1), one(0), one(1), 0)
            .errorInput(
                "non-positive groups is not supported", make.any(1, 3, 5, 5), make.any(4, 3, 3, 3)),
        errorInput(
            "expected dtype",
            make.any(1, 3, 5, 5),
            make.any(4, 3, 3, 3).to(io.sparkgrad.DType.FLOAT32)),
        errorInput("4D (batched) input to conv2d", make.any(3, 5), make.any(4, 3, 3, 3)));
  }
}
