package io.sparkgrad.op.shape;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.autograd.OpNode;
import io.sparkgrad.op.Check;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.TensorGeometry;
import java.util.Arrays;
import java.util.List;

/**
 * A view of the numbers behind a tensor by sizes, strides and a first place of its own. A number
 * that it shows more than once has the sum of these gradients; one that the input shows more than
 * once shares its gradient among them, as in PyTorch.
 */
public final class AsStrided extends Op implements Op.TakesStorageTypes {
  private final TensorGeometry input;
  private final TensorGeometry view;

  /** The view's offset counts from the first number of the storage. */
  AsStrided(Tensor x, int[] shape, int[] strides, int offset) {
    this(TensorGeometry.of(x), new TensorGeometry(shape.clone(), strides.clone(), offset));
  }

  AsStrided(TensorGeometry input, TensorGeometry view) {
    this.input = input;
    this.view = view;
  }

  @Override
  public String cudaSupport() {
    return "a view";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    check(in[0]);
    return new Tensor[] {in[0].alias(view.shape(), view.strides(), view.offset())};
  }

  private void check(Tensor x) {
    int[] shape = view.shape();
    int[] strides = view.strides();
    if (shape.length != strides.length) {
      throw new IllegalArgumentException(
          "as_strided: mismatch in length of strides and shape: %s and %s"
              .formatted(Arrays.toString(strides), Arrays.toString(shape)));
    }
    for (int s : strides) {
      if (s < 0)
        throw new IllegalArgumentException(
            "as_strided: Negative strides are not supported at the moment, got strides: "
                + Arrays.toString(strides));
    }
    if (view.offset() < 0)
      throw new IllegalArgumentException("as_strided: invalid storage offset " + view.offset());
    if (Shape.numel(shape) > 0 && view.end() > x.storage().length()) {
      throw new IndexOutOfBoundsException(
          "as_strided: sizes %s, strides %s, storage offset %s are out of bounds for a storage of %s numbers"
              .formatted(
                  Arrays.toString(shape),
                  Arrays.toString(strides),
                  view.offset(),
                  x.storage().length()));
    }
  }

  /* By way of all numbers that the input or the view shows, in a row. */
  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    int first = Math.min(view.offset(), input.offset());
    int length = Math.max(view.end(), input.end()) - first;
    Tensor row = Ops.call(new AsStridedAdjoint(length, view.from(first)), grads[0]);
    TensorGeometry shown = input.from(first);
    if (shown.overlaps()) {
      Tensor ones = row.newZeros(shown.shape()).fill_(1);
      row = row.div(Ops.call(new AsStridedAdjoint(length, shown), ones).clampMin(1));
    }
    return new Tensor[] {Ops.call(new AsStrided(TensorGeometry.of(row), shown), row)};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        sample(make.any(3), new int[] {2, 2}, new int[] {1, 1}, 0),
        sample(make.any(3, 4), new int[] {2, 3}, new int[] {1, 4}, 1),
        sample(make.any(2, 4), new int[] {3, 2, 2}, new int[] {1, 2, 1}, 2),
        sample(make.any(1, 3), new int[] {2, 2}, new int[] {0, 1}, 0),
        sample(make.any(3), new int[] {0, 2}, new int[] {1, 1}, 0),
        sample(make.any(3, 2), new int[0], new int[0], 4));
  }

  private static SampleInput sample(Tensor x, int[] shape, int[] strides, int offset) {
    return new SampleInput(new AsStrided(x, shape, strides, offset), x);
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    int[] two = {2, 3};
    return List.of(
        new ErrorInput(
            "mismatch in length of strides and shape",
            () -> make.any(3).asStrided(two, new int[] {1}, 0)),
        new ErrorInput(
            "are out of bounds for a storage of 5 numbers",
            () -> make.any(5).asStrided(two, new int[] {3, 1}, 0)));
  }

  @Override
  protected String exempt(Check check) {
    return switch (check) {
      case METHOD -> "knows its input, too";
      case STRIDES -> "shows memory by strides of its own";
      default -> super.exempt(check);
    };
  }

  /** Gives a view the history of its base as it is now. */
  public static void record(Tensor base, Tensor view) {
    record(base, view, view);
  }

  /** As {@link #record(Tensor, Tensor)}, for another tensor that has the view's numbers. */
  public static void record(Tensor base, Tensor copy, Tensor view) {
    new OpNode(new AsStrided(TensorGeometry.of(base), TensorGeometry.of(view)), base).record(copy);
  }
}
