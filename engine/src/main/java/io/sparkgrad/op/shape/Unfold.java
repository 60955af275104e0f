package io.sparkgrad.op.shape;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.TensorGeometry;
import java.util.Arrays;
import java.util.List;

/**
 * A view of windows of {@code size} neighbours along a dimension, {@code step} apart: the dimension
 * counts windows, a new last one their elements. The gradients of an element's windows are added.
 */
final class Unfold extends Op implements Op.TakesStorageTypes {
  private final int dim;
  private final int size;
  private final int step;

  Unfold(int dim, int size, int step) {
    this.dim = dim;
    this.size = size;
    this.step = step;
  }

  @Override
  public String cudaSupport() {
    return "a view";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    return new Tensor[] {
      x.alias(windows(x.shape()), windowStrides(x.shape(), x.strides()), x.offset())
    };
  }

  private int[] windows(int[] shape) {
    int d = Shape.dim(dim, shape.length);
    int n = shape.length == 0 ? 1 : shape[d];
    if (size < 0)
      throw new IllegalArgumentException("unfold: size is %s but must be >= 0".formatted(size));
    if (size > n)
      throw new IllegalArgumentException(
          "unfold: maximum size for tensor at dimension %s is %s but size is %s"
              .formatted(d, n, size));
    if (step <= 0)
      throw new IllegalArgumentException("unfold: step is %s but must be > 0".formatted(step));
    int[] out = Arrays.copyOf(shape, shape.length + 1);
    if (shape.length > 0) out[d] = (n - size) / step + 1;
    out[shape.length] = size;
    return out;
  }

  private int[] windowStrides(int[] shape, int[] strides) {
    int d = Shape.dim(dim, shape.length);
    int[] out = Arrays.copyOf(strides, strides.length + 1);
    out[strides.length] = strides.length == 0 ? 1 : strides[d];
    if (strides.length > 0) out[d] *= step;
    return out;
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    int[] shape = ctx.inputShape(0);
    int[] strides = windowStrides(shape, Shape.strides(shape));
    Op sums =
        new AsStridedAdjoint(Shape.numel(shape), new TensorGeometry(windows(shape), strides, 0));
    return new Tensor[] {Ops.call(sums, grads[0]).view(shape)};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Unfold(0, 2, 1), make.any(3)),
        new SampleInput(new Unfold(1, 3, 2), make.any(2, 7, 2)),
        new SampleInput(new Unfold(-1, 2, 3), make.any(5, 3).t()),
        new SampleInput(new Unfold(0, 0, 1), make.any(3)),
        new SampleInput(new Unfold(0, 1, 1), make.any()));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Unfold(0, 4, 1)
            .errorInput("maximum size for tensor at dimension 0 is 3 but size is 4", make.any(3)),
        new Unfold(0, 2, 0).errorInput("step is 0 but must be > 0", make.any(3)));
  }
}
