package io.sparkgrad.op.index;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Indices;
import io.sparkgrad.op.Ops;

/** A tensor's methods that pick elements. */
public interface IndexMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  /**
   * out[i][j] = this[index[i][j]][j] for dim 0, and so on; the index is int64, of the result's
   * shape.
   */
  default Tensor gather(int dim, Tensor index) {
    if (index.dim() + self().dim() != 1) return Ops.call(new Gather(dim), self(), index);
    return Composite.of(
        "gather",
        () -> Indices.line(self()).gather(dim, Indices.line(index)).reshape(index.shape()),
        self());
  }

  /** Slices along a dimension, by a vector of int64 indices. */
  default Tensor indexSelect(int dim, Tensor index) {
    if (self().dim() > 0 && self().size(dim) == 0 && index.numel() > 0)
      throw new IndexOutOfBoundsException(
          "indexSelect: no index fits a dimension of size 0: shape "
              + java.util.Arrays.toString(self().shape()));
    Tensor at = Indices.whole("indexSelect", index);
    if (self().numel() == 0) Indices.within("indexSelect", at, self().size(dim)); // nothing is read
    return Composite.of(
        "indexSelect",
        () -> gather(dim, Indices.along("indexSelect", dim, at, self().shape())),
        self());
  }

  /**
   * NumPy's advanced indexing: an index a dimension, broadcast together, null for a dimension that
   * is taken whole, a bool mask for the places where it holds. The picked dimensions stand where
   * the indexed ones were, or first if others lay between them.
   */
  default Tensor index(Tensor... indices) {
    return Composite.of("index", () -> new AdvancedIndex(self(), indices).get(), self());
  }

  /** Elements by their place in row-major order. */
  default Tensor take(Tensor index) {
    Tensor at = Indices.inLine("take", index, self().numel()).reshape(index.numel());
    return Composite.of(
        "take", () -> self().reshape(self().numel()).gather(0, at).reshape(index.shape()), self());
  }

  /** As {@link #gather}, with the two broadcast to each other but along the dimension. */
  default Tensor takeAlongDim(Tensor indices, int dim) {
    if (indices.dtype() != io.sparkgrad.DType.INT64)
      throw new IllegalArgumentException(
          "takeAlongDim(): dtype of indices should be Long but got " + indices.dtype());
    if (indices.dim() != self().dim())
      throw new IllegalArgumentException(
          ("takeAlongDim(): input and indices should have the same number of dimensions, but got %s "
                  + "dimensions for input, and %s dimensions for indices")
              .formatted(self().dim(), indices.dim()));
    int d = Shape.dim(dim, self().dim());
    int size = self().size(d);
    int[] mine = self().shape().clone();
    int[] theirs = indices.shape().clone();
    mine[d] = theirs[d] = 1;
    int[] shape = Shape.broadcast("takeAlongDim", mine, theirs);
    int[] wide = shape.clone();
    shape[d] = size;
    wide[d] = indices.size(d);
    return Composite.named(
        "takeAlongDim", () -> self().expand(shape).gather(d, indices.expand(wide)));
  }

  /** As {@link #takeAlongDim(Tensor, int)}, of all elements in a row. */
  default Tensor takeAlongDim(Tensor indices) {
    return Composite.named("takeAlongDim", () -> self().reshape(-1).gather(0, indices.reshape(-1)));
  }

  /** The indices of the elements that are not 0, a row each. */
  default Tensor nonzero() {
    return Ops.call(new Nonzero(), self());
  }

  /** As {@link #nonzero()}. */
  default Tensor argwhere() {
    return nonzero();
  }

  /** The elements where the bool mask, broadcast to this shape, holds, as a vector. */
  default Tensor maskedSelect(Tensor mask) {
    Tensor holds = Indices.mask("maskedSelect", mask);
    int[] shape = Shape.broadcast("maskedSelect", self().shape(), holds.shape());
    int n = Shape.numel(shape);
    Tensor at = holds.expand(shape).reshape(n).nonzero().reshape(-1);
    return Composite.of(
        "maskedSelect", () -> self().expand(shape).reshape(n).gather(0, at), self());
  }

  /**
   * This tensor of bools, or uint8, chooses: the elements of {@code ifTrue} where it holds, else
   * those of {@code ifFalse}.
   */
  default Tensor where(Tensor ifTrue, Tensor ifFalse) {
    Tensor condition = self().dtype() == DType.UINT8 ? self().ne(0L) : self();
    return Ops.call(new Where(), condition, ifTrue, ifFalse);
  }
}
