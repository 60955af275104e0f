package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;
import java.io.Serializable;

/** Runs after a node. */
@FunctionalInterface
public interface NodeHook extends Serializable {
  /** The gradients of the node's inputs to go on with; null keeps the given ones. */
  Tensor[] apply(Tensor[] gradInputs, Tensor[] gradOutputs);
}
