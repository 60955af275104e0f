package io.sparkgrad.op;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A tensor's methods that pick elements. */
public interface Indexing {
  private Tensor self() {
    return (Tensor) this;
  }

  /** A view of one index along a dimension, which goes away. */
  default Tensor select(int dim, int index) {
    return Ops.call(new Select(dim, index), self());
  }

  /** A view of {@code length} neighbours along a dimension. */
  default Tensor narrow(int dim, int start, int length) {
    return Ops.call(new Narrow(dim, start, length), self());
  }

  /**
   * out[i][j] = this[index[i][j]][j] for dim 0, and so on; the index is int64, of the result's
   * shape.
   */
  default Tensor gather(int dim, Tensor index) {
    return Ops.call(new Gather(dim), self(), index);
  }

  /** A copy to which {@code src} is added at the indices: the adjoint of gather. */
  default Tensor scatterAdd(int dim, Tensor index, Tensor src) {
    return Ops.call(new ScatterAdd(dim), self(), index, src);
  }

  /** A copy to which {@code src} is written at the indices; of equal ones the last stays. */
  default Tensor scatter(int dim, Tensor index, Tensor src) {
    return Ops.call(new Scatter(dim), self(), index, src);
  }

  /** As {@link #scatter(int, Tensor, Tensor)}, with one value for all indices. */
  default Tensor scatter(int dim, Tensor index, double value) {
    return scatter(dim, index, self().newZeros(index.shape()).fill_(value));
  }

  /** Slices along a dimension, by a vector of int64 indices. */
  default Tensor indexSelect(int dim, Tensor index) {
    return gather(dim, along(dim, index, self().shape()));
  }

  /** A copy to whose slices along a dimension those of {@code src} are added. */
  default Tensor indexAdd(int dim, Tensor index, Tensor src) {
    return scatterAdd(dim, along(dim, index, src.shape()), src);
  }

  /* A vector of indices as one of the given shape, but for its own length. */
  private Tensor along(int dim, Tensor index, int[] shape) {
    if (index.dim() > 1)
      throw new IndexOutOfBoundsException(
          "Index is supposed to be a vector, but got dim " + index.dim());
    if (shape.length == 0) return index.reshape();
    int d = Shape.dim(dim, shape.length);
    int[] ones = new int[shape.length];
    Arrays.fill(ones, 1);
    ones[d] = index.numel();
    int[] wide = shape.clone();
    wide[d] = index.numel();
    return index.reshape(ones).expand(wide);
  }

  /**
   * NumPy's advanced indexing: an index a dimension, broadcast together, null for a dimension that
   * is taken whole, a bool mask for the places where it holds. The picked dimensions stand where
   * the indexed ones were, or first if others lay between them.
   */
  default Tensor index(Tensor... indices) {
    return new AdvancedIndex(self(), indices).get();
  }

  /** A copy with the values written at the indices, or added there. */
  default Tensor indexPut(Tensor[] indices, Tensor values, boolean accumulate) {
    return new AdvancedIndex(self(), indices).put(values, accumulate);
  }

  /** Elements by their place in row-major order. */
  default Tensor take(Tensor index) {
    Tensor line = self().reshape(self().numel());
    Tensor at = AdvancedIndex.wrapped(index, 0, self().numel()).reshape(index.numel());
    return line.gather(0, at).reshape(index.shape());
  }

  /** The indices of the elements that are not 0, a row each. */
  default Tensor nonzero() {
    return Ops.call(new Nonzero(), self());
  }

  /** A copy with the value where the bool mask holds. */
  default Tensor maskedFill(Tensor mask, double value) {
    return mask.where(Tensor.number(value), self());
  }

  default Tensor maskedFill_(Tensor mask, double value) {
    return self().copy_(maskedFill(mask, value));
  }

  /** The elements where the bool mask, broadcast to this shape, holds, as a vector. */
  default Tensor maskedSelect(Tensor mask) {
    int[] shape = Shape.broadcast("maskedSelect", self().shape(), mask.shape());
    int n = Shape.numel(shape);
    Tensor at = mask.expand(shape).reshape(n).nonzero().reshape(-1);
    return self().expand(shape).reshape(n).gather(0, at);
  }

  /** The elements along a dimension in ascending order, and where they were. */
  default Reduction.MaxResult sort(int dim) {
    return sort(dim, false);
  }

  /** As {@link #sort(int)}; equal elements keep their order. */
  default Reduction.MaxResult sort(int dim, boolean descending) {
    Tensor[] out = Ops.callAll(new Sort(dim, descending), self());
    return new Reduction.MaxResult(out[0], out[1]);
  }

  default Tensor argsort(int dim, boolean descending) {
    return sort(dim, descending).indices();
  }

  /** The k largest elements along a dimension, in descending order, and where they were. */
  default Reduction.MaxResult topk(int k, int dim) {
    return topk(k, dim, true);
  }

  /** The k largest or smallest elements along a dimension, in order, and where they were. */
  default Reduction.MaxResult topk(int k, int dim, boolean largest) {
    if (k < 0 || k > self().size(dim))
      throw new IndexOutOfBoundsException(
          "topk: selected index k out of range: " + k + " of " + self().size(dim));
    Reduction.MaxResult all = sort(dim, largest);
    return new Reduction.MaxResult(all.values().narrow(dim, 0, k), all.indices().narrow(dim, 0, k));
  }

  /** The rows of this matrix that the indices name. */
  default Tensor embedding(Tensor indices) {
    int[] shape = Arrays.copyOf(indices.shape(), indices.dim() + 1);
    shape[indices.dim()] = self().size(1);
    return indexSelect(0, indices.reshape(indices.numel())).reshape(shape);
  }

  /** As {@link #embedding(Tensor)}; row paddingIdx has no gradient. */
  default Tensor embedding(Tensor indices, int paddingIdx) {
    Tensor rows = embedding(indices);
    int row = paddingIdx < 0 ? paddingIdx + self().size(0) : paddingIdx;
    return indices.eq((long) row).unsqueeze(-1).where(rows.detach(), rows);
  }

  /**
   * The sum, mean or max of the rows of this matrix over bags of indices; bag i starts at
   * offsets[i]. An empty bag is 0.
   */
  default Tensor embeddingBag(Tensor indices, Tensor offsets, String mode) {
    Tensor rows = embedding(indices);
    long[] from = Arrays.copyOf(offsets.toLongs(), offsets.numel() + 1);
    from[offsets.numel()] = indices.numel();
    List<Tensor> bags = new ArrayList<>();
    for (int i = 0; i + 1 < from.length; i++) {
      int n = (int) (from[i + 1] - from[i]);
      Tensor bag = rows.narrow(0, (int) from[i], n);
      bags.add(
          switch (mode) {
            case "sum" -> bag.sum(0);
            case "mean" -> bag.sum(0).div((double) Math.max(1, n));
            case "max" -> n == 0 ? bag.sum(0) : bag.max(0).values();
            default ->
                throw new IllegalArgumentException(
                    "embeddingBag: mode must be sum, mean or max, got " + mode);
          });
    }
    return Tensor.stack(bags, 0);
  }
}
