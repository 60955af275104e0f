package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;
import java.io.Serializable;

/** Runs before a node. */
@FunctionalInterface
public interface NodePreHook extends Serializable {
  /** The gradients of the node's outputs to go on with; null keeps the given ones. */
  Tensor[] apply(Tensor[] gradOutputs);
}
