package io.sparkgrad.op;

import io.sparkgrad.Tensor;

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
}
