package io.sparkgrad.op;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import java.util.Arrays;
import java.util.List;

/**
 * The values of b in the shape and dtype of a: what {@code copy_} writes. All of the gradient goes
 * to b.
 */
final class Copy extends Op {
  @Override
  public String nodeName() {
    return "CopyBackwards";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    if (!Shape.expandsTo(in[1].shape(), in[0].shape())) {
      throw new IllegalArgumentException(
          "copy_: output with shape "
              + Arrays.toString(in[0].shape())
              + " doesn't match the broadcast shape of "
              + Arrays.toString(in[1].shape()));
    }
    Tensor out = Tensor.zeros(in[0].dtype(), in[0].shape());
    Loops.copy(in[1], out);
    return new Tensor[] {out};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {ctx.needsGrad(0) ? grads[0].mul(0) : null, grads[0]};
  }

  @Override
  public List<Sample> samples(Samples make) {
    return List.of(
        new Sample(this, make.any(3, 4), make.any(4)),
        new Sample(this, make.any(), make.any()),
        new Sample(this, make.any(0, 3), make.any(1)));
  }
}
