package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.io.Serializable;

/** Sees what a module made in {@link Module#apply(Tensor)}. */
@FunctionalInterface
public interface ForwardHook extends Serializable {
  /** The output to go on with; null keeps the given one. */
  Tensor after(Module module, Tensor input, Tensor output);
}
