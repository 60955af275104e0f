package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;
import java.io.Serializable;
import java.util.List;

/** Outputs from inputs, differentiably: what {@link GradCheck} and {@link Functional} look at. */
@FunctionalInterface
public interface TensorFunction extends Serializable {
  List<Tensor> apply(List<Tensor> inputs);
}
