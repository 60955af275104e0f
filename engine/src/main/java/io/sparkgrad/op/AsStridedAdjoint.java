package io.sparkgrad.op;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A row of zeros with x added where a view of it by the given sizes and strides shows its elements:
 * the adjoint of such a view, which may show a number more than once. The gradient is that view.
 */
final class AsStridedAdjoint extends Op {
  private final int length;
  private final int[] shape;
  private final int[] strides;
  private final int offset;

  AsStridedAdjoint(int length, int[] shape, int[] strides, int offset) {
    this.length = length;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
  }

  @Override
  public String onCuda() {
    return "zeros, and a copy or sums into views of them";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor out = in[0].newZeros(length);
    if (!overlaps()) Loops.copy(in[0], out.alias(shape, strides, offset));
    else add(in[0], out, shape, strides, offset);
    return new Tensor[] {out};
  }

  /** Whether the view may show a number more than once. */
  boolean overlaps() {
    return overlapping(shape, strides) >= 0;
  }

  /* Views that do not overlap are added one by one: no two threads meet, and the order stays the same. */
  private static void add(Tensor x, Tensor row, int[] shape, int[] strides, int at) {
    int d = overlapping(shape, strides);
    if (d < 0) {
      row.alias(shape, strides, at).add_(x);
      return;
    }
    if (strides[d] == 0) {
      add(x.sum(d), row, without(shape, d), without(strides, d), at);
      return;
    }
    for (int i = 0; i < shape[d]; i++)
      add(x.select(d, i), row, without(shape, d), without(strides, d), at + i * strides[d]);
  }

  /* A dimension whose steps do not leave all that smaller steps reach, or -1; of such a pair the shorter one. */
  private static int overlapping(int[] shape, int[] strides) {
    if (Shape.numel(shape) == 0) return -1;
    int[] bySteps =
        IntStream.range(0, shape.length)
            .filter(d -> shape[d] > 1)
            .boxed()
            .sorted(Comparator.comparingInt(d -> strides[d]))
            .mapToInt(d -> d)
            .toArray();
    long reached = 0;
    int before = -1;
    for (int d : bySteps) {
      if (strides[d] <= reached || strides[d] == 0)
        return before >= 0 && strides[d] > 0 && shape[before] < shape[d] ? before : d;
      reached += (shape[d] - 1L) * strides[d];
      before = d;
    }
    return -1;
  }

  private static int[] without(int[] all, int d) {
    int[] rest = Arrays.copyOf(all, all.length - 1);
    System.arraycopy(all, d + 1, rest, d, rest.length - d);
    return rest;
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor row = grads[0].contiguous();
    return new Tensor[] {Ops.call(new AsStrided(shape, strides, row.offset() + offset), row)};
  }

  @Override
  public List<Sample> samples(Samples make) {
    return List.of(
        new Sample(new AsStridedAdjoint(5, new int[] {2, 2}, new int[] {1, 1}, 1), make.any(2, 2)),
        new Sample(
            new AsStridedAdjoint(9, new int[] {2, 3}, new int[] {1, 3}, 0), make.any(3, 2).t()),
        new Sample(
            new AsStridedAdjoint(8, new int[] {3, 2, 2}, new int[] {2, 0, 3}, 0),
            make.any(3, 2, 2)),
        new Sample(new AsStridedAdjoint(3, new int[] {0}, new int[] {1}, 0), make.any(0)));
  }
}
