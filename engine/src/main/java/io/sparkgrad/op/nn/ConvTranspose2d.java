package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.Arrays;
import java.util.List;

/**
 * The gradient of {@link Conv2d}'s input as an operation: x [n, channels, ...] with w [channels,
 * outputs/groups, ...], each pixel of x spread over a kernel's of y, and a bias:
 * torch.nn.functional.conv_transpose2d.
 */
final class ConvTranspose2d extends Op {
  private final int[] stride;
  private final int[] padding;
  private final int[] outputPadding;
  private final int groups;
  private final int[] dilation;

  ConvTranspose2d(int[] stride, int[] padding, int[] outputPadding, int groups, int[] dilation) {
    this.stride = stride;
    this.padding = padding;
    this.outputPadding = outputPadding;
    this.groups = groups;
    this.dilation = dilation;
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
    Tensor bias = in.length > 2 ? in[2] : null;
    ConvolutionCheck.operands(name(), 4, x, w, bias);
    ConvolutionCheck.settings(name(), stride, padding, dilation, groups);
    ConvolutionCheck.transposedChannels(x, w, groups);
    int outputs = w.size(1) * groups;
    ConvolutionCheck.bias(name(), w, outputs, bias);
    int[] kernel = {w.size(2), w.size(3)};
    int[] size = new int[2];
    for (int d = 0; d < 2; d++)
      size[d] =
          (x.size(d + 2) - 1) * stride[d]
              - 2 * padding[d]
              + dilation[d] * (kernel[d] - 1)
              + outputPadding[d]
              + 1;
    checkSize(x, size);
    int[] out = {x.size(2), x.size(3)};
    Patches patches = new Patches(outputs, size, kernel, stride, padding, dilation, out);
    Tensor y = new Convolution(patches, groups, x.size(1)).inputs(x, w);
    if (bias != null) Conv2d.addToChannels(y, bias);
    ctx.save(ctx.needsGrad(1) ? x : null, ctx.needsGrad(0) ? w : null);
    return new Tensor[] {y};
  }

  private void checkSize(Tensor x, int[] size) {
    for (int d = 0; d < 2; d++)
      if (outputPadding[d] < 0 || outputPadding[d] >= Math.max(stride[d], dilation[d]))
        throw new IllegalArgumentException(
            "convTranspose2d: output padding must be smaller than either stride or dilation, but got output_padding %s, stride %s and dilation %s"
                .formatted(
                    Arrays.toString(outputPadding),
                    Arrays.toString(stride),
                    Arrays.toString(dilation)));
    if (size[0] < 1 || size[1] < 1)
      throw new IllegalArgumentException(
          "convTranspose2d: Given input size per channel: (%d x %d). Calculated output size per channel: (%d x %d). Output size is too small"
              .formatted(x.size(2), x.size(3), size[0], size[1]));
  }

  @Override
  public String cudaSource() {
    return Patches.cudaSource(
        unit(),
        """
        /* One thread a pixel, which adds up what patches show of it, in one order. */
        template <class T> inline __device__ void run(const Args& args) {
          T* x = static_cast<T*>(args.x);
          const T* columns = static_cast<const T*>(args.columns);
          for (int t = blockIdx.x * blockDim.x + threadIdx.x; t < args.n; t += gridDim.x * blockDim.x) {
            int rest = t;
            const int ix = rest % args.size[1];
            rest /= args.size[1];
            const int iy = rest % args.size[0];
            rest /= args.size[0];
            const int c = rest % args.channels;
            const int image = rest / args.channels;
            T sum = 0;
            for (int i = 0; i < args.kernel[0]; i++) {
              const int y = iy + args.padding[0] - i * args.dilation[0];
              const int oy = y / args.stride[0] - args.row;
              if (y < 0 || y % args.stride[0] != 0 || oy < 0 || oy >= args.count) continue;
              for (int j = 0; j < args.kernel[1]; j++) {
                const int z = ix + args.padding[1] - j * args.dilation[1];
                const int ox = z / args.stride[1];
                if (z < 0 || z % args.stride[1] != 0 || ox >= args.width) continue;
                const long long row = ((long long)c * args.kernel[0] + i) * args.kernel[1] + j;
                sum += columns[((row * args.images + image) * args.count + oy) * args.width + ox];
              }
            }
            x[t] += sum;
          }
        }

        """);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    int[] w = ctx.inputShape(1);
    Tensor gx = null;
    Tensor gw = null;
    if (ctx.needsGrad(0))
      gx =
          Conv2d.first(
              Ops.call(new Conv2d(stride, padding, dilation, groups), g, ctx.saved(1)),
              ctx.inputShape(0));
    if (ctx.needsGrad(1)) {
      int[] kernel = {w[2], w[3]};
      Op weights = new Conv2dWeight(kernel, stride, padding, dilation, groups);
      gw = Ops.call(weights, ctx.saved(0), g);
    }
    if (ctx.inputs() < 3) return new Tensor[] {gx, gw};
    return new Tensor[] {gx, gw, ctx.needsGrad(2) ? g.sum(new int[] {0, 2, 3}, false) : null};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        sample(make, one(1), one(0), one(0), 1, one(1), make.any(2, 3, 3, 4), make.any(3, 2, 2, 3)),
        sample(make, one(2), one(1), one(1), 1, one(1), make.any(2, 2, 3, 2), make.any(2, 3, 3, 3)),
        sample(
            make,
            new int[] {1, 3},
            new int[] {2, 0},
            new int[] {1, 2},
            2,
            new int[] {2, 1},
            make.any(1, 4, 3, 2),
            make.any(4, 1, 2, 2)),
        sample(make, one(1), one(0), one(0), 2, one(1), make.any(3, 4, 2, 3), make.any(4, 1, 1, 1)),
        sample(
            make, one(2), one(0), one(0), 1, one(1), make.any(0, 2, 3, 3), make.any(2, 1, 2, 2)));
  }

  private static SampleInput sample(
      MakeTensor make,
      int[] stride,
      int[] padding,
      int[] outputPadding,
      int groups,
      int[] dilation,
      Tensor... in) {
    Op op = new ConvTranspose2d(stride, padding, outputPadding, groups, dilation);
    return new SampleInput(op, in[0], in[1], make.any(in[1].size(1) * groups));
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
            make.any(3, 4, 3, 3)),
        new ConvTranspose2d(one(2), one(0), one(2), 1, one(1))
            .errorInput(
                "output padding must be smaller than either stride or dilation",
                make.any(1, 3, 5, 5),
                make.any(3, 4, 3, 3)),
        new ConvTranspose2d(one(1), one(2), one(0), 1, one(1))
            .errorInput("Output size is too small", make.any(1, 3, 1, 1), make.any(3, 4, 2, 2)),
        errorInput(
            "expected bias to be 1-dimensional with 4 elements",
            make.any(1, 3, 5, 5),
            make.any(3, 4, 3, 3),
            make.any(3)));
  }
}
