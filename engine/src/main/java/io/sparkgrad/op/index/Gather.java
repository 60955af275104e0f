package io.sparkgrad.op.index;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.Indices;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.StridedIterator;
import java.util.Arrays;
import java.util.List;

/**
 * Elements picked along a dimension by an int64 index of the result's shape; the gradient is
 * scattered back.
 */
final class Gather extends Op implements Op.TakesStorageTypes {
  private final int dim;

  Gather(int dim) {
    this.dim = dim;
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    Tensor index = in[1];
    Tensor out = Tensor.empty(x.device(), x.dtype(), index.shape());
    if (x.device().isCuda()) {
      CudaIndex.gather(this, x, index, out, Shape.dim(dim, x.dim()));
      ctx.save(index);
      return new Tensor[] {out};
    }
    Storage from = x.storage();
    Storage to = out.storage();
    boolean whole = !x.dtype().isFloatingPoint();
    Pair pair =
        whole
            ? (xi, oi) -> to.set(oi, from.getLong(xi))
            : (xi, oi) -> to.set(oi, from.getDouble(xi));
    each(name(), x, index, out, dim, pair);
    ctx.save(index);
    return new Tensor[] {out};
  }

  /** For a position in x and the one in other that the index pairs with it. */
  interface Pair {
    void visit(int x, int other);
  }

  /* Indices are few beside the work around them, so one shared iterator is fast enough and serves both directions. */
  static void each(String op, Tensor x, Tensor index, Tensor other, int dim, Pair pair) {
    int d = Shape.dim(dim, x.dim());
    check(op, x, index, d);
    if (index.numel() == 0) return;
    int size = x.dim() == 0 ? 1 : x.shape()[d];
    int step = x.dim() == 0 ? 0 : x.strides()[d];
    int[] base = x.strides().clone();
    if (x.dim() > 0) base[d] = 0;
    StridedIterator iterator =
        new StridedIterator(
            index.shape(),
            new int[][] {base, index.strides(), other.strides()},
            new int[] {x.offset(), index.offset(), other.offset()});
    do {
      for (int i = 0; i < iterator.run; i++) {
        long k = index.storage().getLong(iterator.at(1, i));
        if (k < 0 || k >= size) {
          throw new IndexOutOfBoundsException(
              "%s: index %s is out of bounds for dimension %s with size %s"
                  .formatted(op, k, d, size));
        }
        pair.visit(iterator.at(0, i) + (int) k * step, iterator.at(2, i));
      }
    } while (iterator.next());
  }

  @Override
  public String cudaSource() {
    StringBuilder text = new StringBuilder("#include \"index.cuh\"\n\n");
    for (DType t : DType.values()) {
      text.append(
          String.format(
              "KERNEL(%s_%s, 256, GatherArgs) { gather<%s>(args); }%n",
              unit(), t.kernelSuffix(), t.cName()));
    }
    return text.toString();
  }

  static void check(String op, Tensor x, Tensor index, int d) {
    Indices.checkInt64(op, index);
    boolean fits = index.dim() == x.dim();
    for (int i = 0; fits && i < x.dim(); i++) fits = i == d || index.shape()[i] <= x.shape()[i];
    if (!fits && index.numel() > 0) {
      throw new IllegalArgumentException(
          "%s(): Expected index %s to be smaller than self %s apart from dimension %s"
              .formatted(op, Arrays.toString(index.shape()), Arrays.toString(x.shape()), d));
    }
  }

  /** Whether src has a slice of x's type for each of the indices, of the shape of x's. */
  static void checkSlices(String op, Tensor x, int dim, Tensor index, Tensor src) {
    if (x.dtype() != src.dtype())
      throw new IllegalArgumentException(
          "%s(): self (%s) and source (%s) must have the same scalar type"
              .formatted(op, x.dtype(), src.dtype()));
    int d = Shape.dim(dim, x.dim());
    if (x.dim() > 0 && src.dim() == x.dim() && src.shape()[d] != index.numel())
      throw new IllegalArgumentException(
          "%s(): Number of indices (%s) should be equal to source.size(dim): (%s), for dim: %s"
              .formatted(op, index.numel(), src.shape()[d], d));
    boolean fits = src.dim() == x.dim();
    for (int i = 0; fits && i < x.dim(); i++) fits = i == d || src.shape()[i] == x.shape()[i];
    if (!fits)
      throw new IllegalArgumentException(
          "%s(): Source and self must have the same slice shapes: %s and %s at dimension %s"
              .formatted(op, Arrays.toString(src.shape()), Arrays.toString(x.shape()), d));
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor zeros = grads[0].newZeros(ctx.inputShape(0));
    return new Tensor[] {zeros.scatterAdd(dim, ctx.saved(0), grads[0]), null};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Gather(1), make.any(3, 4), make.below(4, 3, 6)),
        new SampleInput(new Gather(0), make.any(4, 3), make.below(4, 2, 3)),
        new SampleInput(new Gather(0), make.any(3, 4).t(), make.below(4, 2, 3)),
        new SampleInput(new Gather(0), make.any(3), make.below(3, 0)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput("Expected dtype int64 for index, got torch.float64", make.any(3), make.any(2)),
        errorInput(
            "index 3 is out of bounds for dimension 0 with size 3",
            make.any(3),
            make.below(1, 2).add(3)),
        errorInput(
            "Expected index [2, 4] to be smaller than self [1, 3] apart from dimension 0",
            make.any(1, 3),
            make.below(1, 2, 4)));
  }
}
