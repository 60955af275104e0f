package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.io.Serializable;

/** Sees the input of a module before {@link Module#apply(Tensor)} gives it to forward. */
@FunctionalInterface
public interface ForwardPreHook extends Serializable {
  /** The input to go on with; null keeps the given one. */
  Tensor before(Module module, Tensor input);
}
