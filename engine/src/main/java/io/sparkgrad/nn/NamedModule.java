package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/**
 * A module that takes several tensors by name, or gives several.
 *
 * <pre>{@code
 * class Wide extends NamedModule {
 *   Embedding table = new Embedding(1 << 12, 8);
 *   Linear out = new Linear(2 * 8 + 3, 1);
 *   public Tensors forward(Tensors in) {
 *     Tensor places = table.forward(in.get("ids")).flatten(1);
 *     return Tensors.of(out.forward(Tensor.cat(List.of(places, in.get("numbers")), 1)));
 *   }
 * }
 * }</pre>
 */
public abstract class NamedModule extends Module {
  private static final long serialVersionUID = 1;

  /** The outputs for a batch; rows first. */
  @Override
  public abstract Tensors forward(Tensors inputs);

  /** There is none: the inputs have names. */
  @Override
  public final Tensor forward(Tensor x) {
    throw new UnsupportedOperationException(
        "%s takes its inputs by name: call forward(Tensors)".formatted(getClass().getSimpleName()));
  }
}
