package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.Check;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.ElementType;
import java.util.Arrays;
import java.util.List;

/**
 * y = (x - mean)/√(var + eps)·weight + bias for each channel, dimension 1, and its mean and
 * variance (over n, not n - 1): Ioffe and Szegedy 2015, arXiv:1502.03167. Of x alone, or of x with
 * weight and bias. With x̂ = (x - mean)/√(var + eps) and h = g·weight, dx = (h - mean(h) -
 * x̂·mean(h·x̂))/√(var + eps).
 */
final class BatchNorm extends Op {
  private final double eps;

  BatchNorm(double eps) {
    this.eps = eps;
  }

  @Override
  public String nodeName() {
    return "NativeBatchNormBackward0";
  }

  @Override
  protected String derivativeNodeName(Context ctx) {
    return "NativeBatchNormBackwardBackward0";
  }

  @Override
  public String cudaSupport() {
    return "composed of mean, sub and mul";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    check(in);
    Tensor x = in[0];
    Tensor weight = in.length > 1 ? in[1] : null;
    Tensor bias = in.length > 1 ? in[2] : null;
    Tensor[] out = onCpu(x) ? loops(x.contiguous(), weight, bias) : composed(x, weight, bias);
    ctx.save(x, weight, out[1], out[2]);
    return out;
  }

  private void check(Tensor... in) {
    Tensor x = in[0];
    NormalizationCheck.rank(name(), x);
    for (int i = 1; i < in.length; i++)
      NormalizationCheck.channels(name(), i == 1 ? "weight" : "bias", in[i], x);
  }

  private static boolean onCpu(Tensor x) {
    return !x.device().isCuda() && x.numel() > 0;
  }

  private Tensor[] composed(Tensor x, Tensor weight, Tensor bias) {
    int[] dims = dims(x);
    Tensor mean = x.mean(dims, true);
    Tensor off = x.sub(mean);
    Tensor var = off.square().mean(dims, true);
    Tensor y = off.mul(var.add(eps).rsqrt());
    if (weight != null) y = y.mul(along(weight, x)).add(along(bias, x));
    return new Tensor[] {y, mean.reshape(x.size(1)), var.reshape(x.size(1))};
  }

  /** All but the channels'. */
  static int[] dims(Tensor x) {
    int[] dims = new int[x.dim() - 1];
    for (int d = 1; d < dims.length; d++) dims[d] = d + 1;
    return dims;
  }

  /** A number a channel, in a shape that broadcasts to x. */
  static Tensor along(Tensor channels, Tensor x) {
    int[] shape = new int[x.dim() - 1];
    Arrays.fill(shape, 1);
    shape[0] = channels.numel();
    return channels.reshape(shape);
  }

  /* Channel by channel: what lies in a run there is a plane of an image. */
  private Tensor[] loops(Tensor x, Tensor weight, Tensor bias) {
    int channels = x.size(1);
    int n = x.size(0);
    int plane = x.numel() / n / channels;
    double[] means = new double[channels];
    double[] vars = new double[channels];
    double[] scale = weight == null ? ones(channels) : weight.toDoubles();
    double[] shift = weight == null ? new double[channels] : bias.toDoubles();
    Tensor y = x.newEmpty(x.shape());
    for (int c = 0; c < channels; c++) {
      int first = c * plane;
      int step = channels * plane;
      means[c] = Planes.sum(x, first, step, n, plane) / ((double) n * plane);
      vars[c] = Planes.squares(x, means[c], first, step, n, plane) / ((double) n * plane);
      double factor = scale[c] * inverse(vars[c]);
      Planes.scale(x, means[c], factor, shift[c], y, first, step, n, plane);
    }
    return new Tensor[] {y, perChannel(x, means), perChannel(x, vars)};
  }

  /* 0 where all numbers are one and the same and eps is 0, as in PyTorch. */
  private double inverse(double var) {
    return var + eps == 0 ? 0 : 1 / Math.sqrt(var + eps);
  }

  private static Tensor perChannel(Tensor x, double... numbers) {
    Tensor t = x.newEmpty(numbers.length);
    ElementType.DOUBLE.store(numbers, t.storage(), 0, 1, numbers.length);
    return t;
  }

  private static double[] ones(int n) {
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    return ones;
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor x = ctx.saved(0);
    Tensor weight = ctx.saved(1);
    int[] dims = dims(x);
    Tensor off = x.sub(x.mean(dims, true));
    Tensor inverse = off.square().mean(dims, true).add(eps).rsqrt();
    Tensor normal = off.mul(inverse);
    Tensor gx = null;
    Tensor gw = null;
    Tensor gb = null;
    if (grads[0] != null) {
      Tensor g = grads[0];
      Tensor h = weight == null ? g : g.mul(along(weight, x));
      gx = h.sub(h.mean(dims, true)).sub(normal.mul(h.mul(normal).mean(dims, true))).mul(inverse);
      gw = g.mul(normal).sum(dims, false);
      gb = g.sum(dims, false);
    }
    double share = (double) x.size(1) / x.numel();
    if (grads[1] != null) gx = plus(gx, along(grads[1], x).mul(share).expand(x.shape()));
    if (grads[2] != null) gx = plus(gx, along(grads[2], x).mul(off).mul(2 * share));
    return weight == null ? new Tensor[] {gx} : new Tensor[] {gx, gw, gb};
  }

  private static Tensor plus(Tensor a, Tensor b) {
    return a == null ? b : a.add(b);
  }

  @Override
  protected Tensor[] fusedBackward(Context ctx, Tensor... grads) {
    if (grads[0] == null || grads[1] != null || grads[2] != null) return null;
    if (!onCpu(ctx.saved(0))) return null;
    Tensor x = ctx.saved(0).contiguous();
    Tensor g = grads[0].contiguous();
    int channels = x.size(1);
    int n = x.size(0);
    int plane = x.numel() / n / channels;
    double count = (double) n * plane;
    double[] means = ctx.saved(2).toDoubles();
    double[] vars = ctx.saved(3).toDoubles();
    double[] scale = ctx.saved(1) == null ? ones(channels) : ctx.saved(1).toDoubles();
    double[] sums = new double[channels];
    double[] products = new double[channels];
    Tensor gx = x.newEmpty(x.shape());
    for (int c = 0; c < channels; c++) {
      int first = c * plane;
      int step = channels * plane;
      double inverse = inverse(vars[c]);
      sums[c] = Planes.sum(g, first, step, n, plane);
      products[c] = Planes.products(g, x, means[c], first, step, n, plane) * inverse;
      double factor = scale[c] * inverse;
      double slope = -factor * inverse * products[c] / count;
      Planes.combine(
          g, factor, x, means[c], slope, -factor * sums[c] / count, gx, first, step, n, plane);
    }
    if (ctx.inputs() == 1) return new Tensor[] {gx};
    return new Tensor[] {gx, perChannel(x, products), perChannel(x, sums)};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(4, 3, 2, 3), make.any(3), make.any(3)),
        new SampleInput(this, make.any(5, 2), make.any(2), make.any(2)),
        new SampleInput(new BatchNorm(0.1), make.any(2, 3, 4)),
        new SampleInput(this, make.any(3, 2, 2, 1, 2)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput("expected at least 2 dimensions", make.any(3)),
        errorInput(
            "weight should contain 2 elements not 3", make.any(4, 2), make.any(3), make.any(2)),
        errorInput("not implemented for torch.int64", make.below(3, 4, 2)));
  }

  @Override
  protected String exempt(Check check) {
    return check == Check.METHOD ? "batchNorm gives y alone" : super.exempt(check);
  }
}
