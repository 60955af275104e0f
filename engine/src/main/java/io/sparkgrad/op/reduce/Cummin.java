package io.sparkgrad.op.reduce;

/** The smallest element up to each along a dimension and its index, the last one of several. */
final class Cummin extends Cummax {
  Cummin(int dim) {
    super(false, dim);
  }

  @Override
  Cummax with(int dim) {
    return new Cummin(dim);
  }
}
