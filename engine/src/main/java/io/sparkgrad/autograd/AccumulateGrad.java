package io.sparkgrad.autograd;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.op.kernel.TensorGeometry;
import java.util.Arrays;

/**
 * The sink of the tape: adds what arrives to a leaf's {@code .grad}. Thread-safe; one leaf may
 * serve many threads.
 */
public final class AccumulateGrad extends Node {
  private final Tensor leaf;
  /* Those that the leaf had when it was used. */
  private final int[] shape;
  private final DType dtype;

  public AccumulateGrad(Tensor leaf) {
    this.leaf = leaf;
    shape = leaf.shape();
    dtype = leaf.dtype();
  }

  /** Of the leaf as it is now, with the same hooks. */
  public AccumulateGrad renewed() {
    AccumulateGrad now = new AccumulateGrad(leaf);
    now.shareHooks(this);
    return now;
  }

  @Override
  public String name() {
    return "AccumulateGrad";
  }

  /** The tensor whose {@code .grad} this fills. */
  public Tensor variable() {
    return leaf;
  }

  @Override
  Tensor[] apply(Tensor[] grads) {
    throw new IllegalStateException("a leaf's gradient is accumulated, not propagated");
  }

  /** Whether the leaf wants a gradient: it may have been told otherwise since it was used. */
  boolean isWanted() {
    if (!leaf.isLeaf())
      throw new AutogradException("leaf variable has been moved into the graph interior");
    return leaf.requiresGrad();
  }

  /**
   * Adds a gradient. The first one becomes {@code .grad} itself if nobody else holds its numbers;
   * later ones are added in place, so that a {@code .grad} once handed out stays current, except
   * while a graph of the gradient is recorded, and where all rows join a few.
   *
   * @return whether the gradient has become {@code .grad}
   */
  boolean accumulate(Tensor grad, boolean owned, boolean createGraph, NodeHooks hooks) {
    if (!Arrays.equals(shape, leaf.shape()) || dtype != leaf.dtype()) throw otherKind();
    synchronized (leaf) {
      Tensor before = leaf.grad();
      boolean take = before == null && owned && liesAsTheLeaf(grad);
      if (take) leaf.setGrad(createGraph ? grad : grad.detach()); // no view of what else was made
      else if (before == null) leaf.setGrad(createGraph ? grad.clone() : copyAsTheLeaf(grad));
      else if (createGraph || before.isSparse() && !grad.isSparse()) leaf.setGrad(before.add(grad));
      else before.add_(grad);
      if (before != leaf.grad() || before.isSparse()) TensorScope.madeGradOf(leaf);
      if (hooks != null) hooks.runOnLeaf(leaf); // none may add while an update reads
      return take;
    }
  }

  /* Optimizers walk both in one run. */
  private boolean liesAsTheLeaf(Tensor grad) {
    if (grad.isSparse()) return grad.isContiguous();
    return grad.isContiguous() && leaf.isContiguous() || Arrays.equals(grad.strides(), strides());
  }

  private Tensor copyAsTheLeaf(Tensor grad) {
    if (grad.isSparse()) return grad.clone();
    return Tensor.emptyStrided(grad.device(), dtype, shape, strides()).copy_(grad);
  }

  private int[] strides() {
    return TensorGeometry.of(leaf).isDense() ? leaf.strides() : Shape.strides(shape);
  }

  private AutogradException otherKind() {
    return new AutogradException(
        "setData gave a leaf other data since it was used: the gradient is of %s %s, the leaf is %s %s; call backward() first"
            .formatted(dtype, Arrays.toString(shape), leaf.dtype(), Arrays.toString(leaf.shape())));
  }

  @Override
  int[] shape(int output) {
    return shape;
  }

  @Override
  DType dtype(int output) {
    return dtype;
  }

  @Override
  int outputs() {
    return 1;
  }

  /* A leaf's gradient is written as soon as it is whole, so that its push can overlap the rest of backward. */
  @Override
  long priority() {
    return Long.MAX_VALUE;
  }

  @Override
  long recorded() {
    return 0;
  }
}
