package io.sparkgrad.op.shape;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/** A view of one index along a dimension, which goes away; the gradient of the rest is 0. */
final class Select extends Op implements Op.TakesStorageTypes {
  private final int dim;
  private final int index;

  Select(int dim, int index) {
    this.dim = dim;
    this.index = index;
  }

  @Override
  public String cudaSupport() {
    return "a view";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    if (x.dim() == 0)
      throw new IndexOutOfBoundsException("select() cannot be applied to a 0-dim tensor.");
    int d = Shape.dim(dim, x.dim());
    int i = index < 0 ? index + x.shape()[d] : index;
    if (i < 0 || i >= x.shape()[d]) {
      throw new IndexOutOfBoundsException(
          "select(): index %s out of range for tensor of size %s at dimension %s"
              .formatted(index, java.util.Arrays.toString(x.shape()), d));
    }
    return new Tensor[] {
      x.alias(
          Shape.without(x.shape(), d),
          Shape.without(x.strides(), d),
          x.offset() + i * x.strides()[d])
    };
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {Ops.call(new ViewAdjoint(this, ctx.inputShape(0)), grads[0])};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Select(1, 2), make.any(2, 3, 4)),
        new SampleInput(new Select(-1, -1), make.any(3, 4)),
        new SampleInput(new Select(0, 0), make.any(3)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Select(0, 3)
            .errorInput("index 3 out of range for tensor of size [3] at dimension 0", make.any(3)),
        errorInput("select() cannot be applied to a 0-dim tensor.", make.any()));
  }
}
