package io.sparkgrad.nn;

import java.io.Serializable;

/**
 * A loss that sees all outputs of a model, and its inputs: of several heads, or of what a model
 * makes of its own input.
 *
 * <pre>{@code
 * (out, batch) -> Losses.mse(out.first(), batch.inputs().get("pixels"))
 * }</pre>
 */
@FunctionalInterface
public interface BatchLoss extends Serializable {
  Loss.Value of(Tensors outputs, Batch batch);
}
