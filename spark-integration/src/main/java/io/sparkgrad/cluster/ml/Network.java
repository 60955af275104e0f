package io.sparkgrad.cluster.ml;

import io.sparkgrad.nn.Module;
import java.io.Serializable;

/**
 * Makes a network to the measure of the data: one of {@link Networks}, or a function or class of
 * one's own.
 *
 * <pre>{@code
 * classifier.setNetwork(Networks.mlp(100, 50));
 * classifier.setNetwork(sizes -> new Linear(sizes.features(), sizes.outputs()));
 * }</pre>
 *
 * <p>A network without categorical columns takes float32 {@code [rows, features]}; one with them is
 * a {@link io.sparkgrad.nn.NamedModule}. A function cannot be saved: for that, let a class with a
 * public constructor without arguments implement this, and pass {@link Networks#of(Class)}.
 */
@FunctionalInterface
public interface Network extends Serializable {
  /** The module, with its first weights; called on the driver and in every task. */
  Module build(Sizes sizes);

  /**
   * The description, for {@link Networks#fromJson}.
   *
   * @throws UnsupportedOperationException if there is none, as of a function
   */
  default String toJson() {
    throw new UnsupportedOperationException(
        "a network that is a function cannot be saved: describe it by Networks.mlp(..) and the like, or by a class, Networks.of(MyNetwork.class)");
  }
}
