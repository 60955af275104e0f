package io.sparkgrad.op;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;

/**
 * A tensor's methods that rearrange it. All but {@code reshape} and {@code contiguous} never copy:
 * they share numbers.
 */
public interface Shapes {
  private Tensor self() {
    return (Tensor) this;
  }

  /** The same numbers under another shape; one size may be -1. */
  default Tensor view(int... shape) {
    return Ops.call(new View(shape), self());
  }

  /** A view if the strides allow it, else a copy. */
  default Tensor reshape(int... shape) {
    int[] target = Shape.infer(shape, self().numel());
    boolean viewable = Shape.viewStrides(self().shape(), self().strides(), target) != null;
    return (viewable ? self() : self().clone()).view(target);
  }

  /** All dimensions from {@code startDim} on made one. */
  default Tensor flatten(int startDim) {
    int start = Shape.dim(startDim, self().dim());
    int[] shape = new int[start + 1];
    int rest = 1;
    for (int d = start; d < self().dim(); d++) rest *= self().shape()[d];
    for (int d = 0; d < start; d++) shape[d] = self().shape()[d];
    shape[start] = rest;
    return reshape(shape);
  }

  default Tensor flatten() {
    return flatten(0);
  }

  /** Itself if its numbers lie in row-major order without gaps, else a copy for which they do. */
  default Tensor contiguous() {
    return self().isContiguous() ? self() : self().clone();
  }

  /** The transpose of a matrix; fewer dimensions stay as they are. */
  default Tensor t() {
    if (self().dim() > 2) {
      throw new IllegalArgumentException(
          "t() expects a tensor with <= 2 dimensions, but self is "
              + self().dim()
              + "D; use transpose(dim0, dim1)");
    }
    return Ops.call(self().dim() < 2 ? new Transpose(0, 0) : new Transpose(0, 1), self());
  }

  default Tensor transpose(int dim0, int dim1) {
    return Ops.call(new Transpose(dim0, dim1), self());
  }

  default Tensor permute(int... dims) {
    return Ops.call(new Permute(dims), self());
  }

  /** Repeats dimensions of size 1 without a copy; -1 keeps a size. */
  default Tensor expand(int... shape) {
    return Ops.call(new Expand(shape), self());
  }

  /** A new dimension of size 1. */
  default Tensor unsqueeze(int dim) {
    int d = Shape.dim(dim, self().dim() + 1);
    int[] shape = new int[self().dim() + 1];
    for (int i = 0; i < shape.length; i++)
      shape[i] = i == d ? 1 : self().shape()[i < d ? i : i - 1];
    return view(shape);
  }

  /** Without the given dimension, if its size is 1. */
  default Tensor squeeze(int dim) {
    int d = Shape.dim(dim, self().dim());
    if (self().dim() == 0 || self().shape()[d] != 1) return self();
    int[] shape = new int[self().dim() - 1];
    for (int i = 0; i < shape.length; i++) shape[i] = self().shape()[i < d ? i : i + 1];
    return view(shape);
  }

  /** A copy with the order along these dimensions reversed. */
  default Tensor flip(int... dims) {
    return Ops.call(new Flip(dims), self());
  }

  /** A copy moved along a dimension; what leaves at one end enters at the other. */
  default Tensor roll(int shifts, int dim) {
    return Ops.call(new Roll(shifts, dim), self());
  }
}
