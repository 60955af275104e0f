package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;

/** Tensors of one shape along a new first dimension. */
final class Stack extends Function {
  @Override
  protected Tensor[] forward(FunctionContext ctx, Tensor... rows) {
    int[] one = rows[0].shape();
    int[] shape = new int[one.length + 1];
    shape[0] = rows.length;
    System.arraycopy(one, 0, shape, 1, one.length);
    Tensor out = rows[0].newZeros(shape);
    for (int i = 0; i < rows.length; i++) out.select(0, i).copy_(rows[i]);
    return new Tensor[] {out};
  }

  @Override
  protected Tensor[] backward(FunctionContext ctx, Tensor... grads) {
    Tensor[] rows = new Tensor[grads[0].shape()[0]];
    for (int i = 0; i < rows.length; i++) rows[i] = grads[0].select(0, i);
    return rows;
  }
}
