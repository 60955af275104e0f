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

/** A view of {@code length} neighbours along a dimension; the gradient of the rest is 0. */
final class Narrow extends Op implements Op.TakesStorageTypes {
  private final int dim;
  private final int start;
  private final int length;

  Narrow(int dim, int start, int length) {
    this.dim = dim;
    this.start = start;
    this.length = length;
  }

  @Override
  public String nodeName() {
    return "SliceBackward0"; // as in PyTorch, which narrows by slicing
  }

  @Override
  public String cudaSupport() {
    return "a view";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    if (x.dim() == 0)
      throw new IllegalArgumentException("narrow() cannot be applied to a 0-dim tensor.");
    int d = Shape.dim(dim, x.dim());
    int from = start(x.shape()[d]);
    if (from < 0 || length < 0 || length > x.shape()[d] - from) {
      throw new IndexOutOfBoundsException(
          "narrow: start (%s) + length (%s) exceeds dimension size (%s)"
              .formatted(start, length, x.shape()[d]));
    }
    int[] shape = x.shape().clone();
    shape[d] = length;
    return new Tensor[] {x.alias(shape, x.strides(), x.offset() + from * x.strides()[d])};
  }

  private int start(int size) {
    return start == size ? start : Shape.dim(start, size);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {Ops.call(new ViewAdjoint(this, ctx.inputShape(0)), grads[0])};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Narrow(1, 1, 2), make.any(2, 3, 4)),
        new SampleInput(new Narrow(-1, -2, 2), make.any(3, 4)),
        new SampleInput(new Narrow(0, 0, 0), make.any(3)),
        new SampleInput(new Narrow(0, 1, 2), make.any(4, 3).t()));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Narrow(0, 2, 2)
            .errorInput("start (2) + length (2) exceeds dimension size (3)", make.any(3)),
        errorInput("narrow() cannot be applied to a 0-dim tensor.", make.any()));
  }
}
