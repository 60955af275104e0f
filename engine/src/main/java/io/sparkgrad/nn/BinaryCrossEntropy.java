package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Function;
import io.sparkgrad.autograd.FunctionContext;

/**
 * -t·log(x) - (1 - t)·log(1 - x) of each number, each logarithm -100 at least. Its slope divides by
 * 1e-12 at least, where that of the logarithms would be infinite, or not there.
 */
final class BinaryCrossEntropy extends Function {
  private static final double SMALLEST = 1e-12f; // PyTorch's is a float

  @Override
  protected Tensor[] forward(FunctionContext ctx, Tensor... in) {
    Tensor x = in[0];
    Tensor t = in[1];
    ctx.saveForBackward(in);
    Tensor yes = x.log().clampMin(-100).mul(t);
    Tensor no = x.neg().log1p().clampMin(-100).mul(t.sub(1));
    return new Tensor[] {no.sub(yes)};
  }

  @Override
  protected Tensor[] backward(FunctionContext ctx, Tensor... grads) {
    Tensor x = ctx.saved(0);
    Tensor t = ctx.saved(1);
    Tensor product = x.neg().add(1).mul(x).clampMin(SMALLEST);
    return new Tensor[] {
      ctx.needsInputGrad(0) ? grads[0].mul(x.sub(t)).div(product) : null,
      ctx.needsInputGrad(1) ? grads[0].mul(x.neg().log1p().sub(x.log())) : null
    };
  }
}
