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
    check(in[0], in[1]);
    Tensor out = Tensor.zeros(in[0].dtype(), in[0].shape());
    Loops.copy(in[1], out);
    return new Tensor[] {out};
  }

  @Override
  boolean forwardInto(Tensor target, Tensor... in) {
    check(target, in[1]);
    if (in[1].storage().sharesWith(target.storage())) return false;
    Loops.copy(in[1], target);
    return true;
  }

  private static void check(Tensor target, Tensor source) {
    if (!Shape.expandsTo(source.shape(), target.shape())) {
      throw new IllegalArgumentException(
          "copy_: output with shape "
              + Arrays.toString(target.shape())
              + " doesn't match the broadcast shape of "
              + Arrays.toString(source.shape()));
    }
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {
      ctx.needsGrad(0) ? Tensor.zeros(grads[0].dtype(), grads[0].shape()) : null, grads[0]
    };
  }

  @Override
  public List<Sample> samples(Samples make) {
    return List.of(
        new Sample(this, make.any(3, 4), make.any(4)),
        new Sample(this, make.any(), make.any()),
        new Sample(this, make.any(0, 3), make.any(1)));
  }
}
