package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;
import java.io.Serializable;

/** Runs when a backward has added to a leaf's {@code .grad}. */
@FunctionalInterface
public interface LeafHook extends Serializable {
  void accept(Tensor leaf);
}
