package io.sparkgrad.op;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import java.util.Arrays;
import java.util.List;

/**
 * A view of the numbers behind a tensor by sizes, strides and a first place of its own. A number
 * that it shows more than once has the sum of these gradients; one that the input shows more than
 * once shares its gradient among them, as in PyTorch.
 */
final class AsStrided extends Op {
  private final int[] shape;
  private final int[] strides;
  private final int offset;

  /** The offset counts from the first number of the storage. */
  AsStrided(int[] shape, int[] strides, int offset) {
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
  }

  @Override
  public String onCuda() {
    return "a view";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    check(x);
    int[] layout = Arrays.copyOf(x.strides(), x.dim() + 1);
    layout[x.dim()] = x.offset();
    ctx.save(Tensor.of(layout, layout.length));
    return new Tensor[] {x.alias(shape.clone(), strides.clone(), offset)};
  }

  private void check(Tensor x) {
    if (shape.length != strides.length) {
      throw new IllegalArgumentException(
          "as_strided: mismatch in length of strides and shape: "
              + Arrays.toString(strides)
              + " and "
              + Arrays.toString(shape));
    }
    for (int s : strides) {
      if (s < 0)
        throw new IllegalArgumentException(
            "as_strided: Negative strides are not supported at the moment, got strides: "
                + Arrays.toString(strides));
    }
    if (offset < 0)
      throw new IllegalArgumentException("as_strided: invalid storage offset " + offset);
    if (Shape.numel(shape) > 0 && (long) offset + reach(shape, strides) > x.storage().length()) {
      throw new IndexOutOfBoundsException(
          "as_strided: sizes "
              + Arrays.toString(shape)
              + ", strides "
              + Arrays.toString(strides)
              + ", storage offset "
              + offset
              + " are out of bounds for a storage of "
              + x.storage().length()
              + " numbers");
    }
  }

  /** How many numbers there are from the first one shown to the last; 0 for none. */
  private static int reach(int[] shape, int[] strides) {
    if (Shape.numel(shape) == 0) return 0;
    long last = 0;
    for (int d = 0; d < shape.length; d++) last += (shape[d] - 1L) * strides[d];
    return (int) Math.min(last + 1, Integer.MAX_VALUE);
  }

  /* By way of all numbers that the input or the view shows, in a row. */
  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    int[] inShape = ctx.inputShape(0);
    int[] layout = ctx.saved(0).storage().array();
    int[] inStrides = Arrays.copyOf(layout, inShape.length);
    int inOffset = layout[inShape.length];
    int from = Math.min(offset, inOffset);
    int to = Math.max(offset + reach(shape, strides), inOffset + reach(inShape, inStrides));
    Tensor row = Ops.call(new AsStridedAdjoint(to - from, shape, strides, offset - from), grads[0]);
    AsStridedAdjoint shown = new AsStridedAdjoint(to - from, inShape, inStrides, inOffset - from);
    if (shown.overlaps()) {
      Tensor ones = row.newZeros(inShape).fill_(1);
      row = row.div(Ops.call(shown, ones).clampMin(1));
    }
    return new Tensor[] {Ops.call(new AsStrided(inShape, inStrides, inOffset - from), row)};
  }

  @Override
  public List<Sample> samples(Samples make) {
    return List.of(
        new Sample(new AsStrided(new int[] {2, 2}, new int[] {1, 1}, 0), make.any(3)),
        new Sample(new AsStrided(new int[] {2, 3}, new int[] {1, 4}, 1), make.any(3, 4)),
        new Sample(new AsStrided(new int[] {3, 2, 2}, new int[] {1, 2, 1}, 2), make.any(2, 4)),
        new Sample(new AsStrided(new int[] {2, 2}, new int[] {0, 1}, 0), make.any(1, 3)),
        new Sample(new AsStrided(new int[] {0, 2}, new int[] {1, 1}, 0), make.any(3)),
        new Sample(new AsStrided(new int[0], new int[0], 4), make.any(3, 2)));
  }
}
