package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.Check;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/** The gradient of {@link Conv2d}'s weight, of the output's gradient g and the input x. */
final class Conv2dWeight extends Op {
  private final int[] kernel;
  private final int[] stride;
  private final int[] padding;
  private final int[] dilation;
  private final int groups;

  Conv2dWeight(int[] kernel, int[] stride, int[] padding, int[] dilation, int groups) {
    this.kernel = kernel;
    this.stride = stride;
    this.padding = padding;
    this.dilation = dilation;
    this.groups = groups;
  }

  @Override
  public String cudaSupport() {
    return "conv2d's kernel and products";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor g = in[0];
    Tensor x = in[1];
    int[] size = {x.size(2), x.size(3)};
    int[] out = {g.size(2), g.size(3)};
    Patches patches = new Patches(x.size(1), size, kernel, stride, padding, dilation, out);
    ctx.save(ctx.needsGrad(1) ? g : null, ctx.needsGrad(0) ? x : null);
    return new Tensor[] {new Convolution(patches, groups, g.size(1)).weights(g, x)};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    int[] x = ctx.inputShape(1);
    Tensor gg = null;
    Tensor gx = null;
    if (ctx.needsGrad(0))
      gg =
          Conv2d.first(
              Ops.call(new Conv2d(stride, padding, dilation, groups), ctx.saved(1), grads[0]),
              ctx.inputShape(0));
    if (ctx.needsGrad(1)) {
      int[] more = Conv2d.leftOver(x, ctx.inputShape(0), kernel, stride, padding, dilation);
      Op transposed = new ConvTranspose2d(stride, padding, more, groups, dilation);
      gx = Ops.call(transposed, ctx.saved(0), grads[0]);
    }
    return new Tensor[] {gg, gx};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(
            new Conv2dWeight(pair(3, 2), pair(1, 1), pair(0, 0), pair(1, 1), 1),
            make.any(2, 2, 3, 3),
            make.any(2, 3, 5, 4)),
        new SampleInput(
            new Conv2dWeight(pair(2, 2), pair(2, 1), pair(0, 1), pair(1, 2), 2),
            make.any(1, 2, 2, 4),
            make.any(1, 4, 5, 4)),
        new SampleInput(
            new Conv2dWeight(pair(1, 1), pair(1, 1), pair(0, 0), pair(1, 1), 1),
            make.any(3, 2, 2, 2),
            make.any(3, 3, 2, 2)));
  }

  private static int[] pair(int a, int b) {
    return new int[] {a, b};
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of();
  }

  @Override
  protected String exempt(Check check) {
    return switch (check) {
      case PYTORCH, METHOD, ERRORS -> "the derivative of convolutions";
      default -> super.exempt(check);
    };
  }
}
