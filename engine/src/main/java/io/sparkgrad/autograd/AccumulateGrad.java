package io.sparkgrad.autograd;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;

/**
 * The sink of the tape: adds what arrives to a leaf's {@code .grad}. Thread-safe; one leaf may
 * serve many threads.
 */
public final class AccumulateGrad extends Node {
  private final Tensor leaf;

  public AccumulateGrad(Tensor leaf) {
    this.leaf = leaf;
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

  /**
   * Adds a gradient. The first one becomes {@code .grad} itself if nobody else holds its numbers;
   * later ones are added in place, so that a {@code .grad} once handed out stays current, except
   * while a graph of the gradient is recorded, and where all rows join a few.
   *
   * @return whether the gradient has become {@code .grad}
   */
  boolean accumulate(Tensor grad, boolean owned, boolean createGraph, NodeHooks hooks) {
    synchronized (leaf) {
      Tensor before = leaf.grad();
      boolean take = before == null && owned && grad.isContiguous();
      if (take) leaf.setGrad(taken(grad));
      else if (before == null) leaf.setGrad(grad.clone());
      else if (createGraph || before.isSparse() && !grad.isSparse()) leaf.setGrad(before.add(grad));
      else before.add_(grad);
      if (before != leaf.grad() || before.isSparse()) TensorScope.madeGradOf(leaf);
      if (hooks != null) hooks.runOnLeaf(leaf); // none may add while an update reads
      return take;
    }
  }

  /* No view of what else a derivative made. */
  private static Tensor taken(Tensor grad) {
    return grad.requiresGrad() ? grad : grad.detach();
  }

  @Override
  int[] shape(int output) {
    return leaf.shape();
  }

  @Override
  DType dtype(int output) {
    return leaf.dtype();
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
