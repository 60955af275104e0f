package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;

/** A tensor's methods that watch its gradient. */
public interface Differentiable {
  private Tensor self() {
    return (Tensor) this;
  }

  /**
   * Calls the hook with this tensor's gradient in every backward that reaches it; what it returns
   * replaces the gradient. After an in-place operation the hook stays with the value that was.
   */
  default RemovableHandle registerHook(TensorHook hook) {
    requireGradForHook();
    Edge edge = self().gradientEdge();
    if (edge == null) return RemovableHandle.ofNothing();
    return edge.node().hooksForWriting().onTensor(edge.index(), hook);
  }

  /**
   * Calls the hook each time a backward has added to this leaf's {@code .grad}, while the rest of
   * the pass still runs: where an update or a push can begin.
   */
  default RemovableHandle registerPostAccumulateGradHook(LeafHook hook) {
    requireGradForHook();
    if (!self().isLeaf()) {
      throw new AutogradException(
          "post accumulate grad hooks cannot be registered on non-leaf tensors");
    }
    Edge edge = self().gradientEdge();
    if (edge == null) return RemovableHandle.ofNothing();
    return edge.node().hooksForWriting().onLeaf(hook);
  }

  private void requireGradForHook() {
    if (self().requiresGrad()) return;
    throw new AutogradException("cannot register a hook on a tensor that doesn't require gradient");
  }

  /** Lets backward fill the {@code .grad} of this non-leaf, too; nothing to do for a leaf. */
  default void retainGrad() {
    if (!self().requiresGrad()) {
      throw new AutogradException("can't retain_grad on Tensor that has requires_grad=False");
    }
    if (self().isLeaf()) return;
    Edge edge = self().gradientEdge();
    edge.node().hooksForWriting().retain(edge.index(), self());
  }

  /** Whether {@link #retainGrad} was called on this non-leaf. */
  default boolean retainsGrad() {
    if (self().isLeaf()) return false;
    NodeHooks hooks = self().gradFn().hooks();
    return hooks != null && hooks.retains(self());
  }
}
