package io.sparkgrad.cluster.ml;

import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.ingest.Inputs;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.NamedModule;
import io.sparkgrad.nn.Standardize;
import io.sparkgrad.nn.Tensors;

/** A network whose input {@code features} is brought to one scale first, as a part of the model. */
final class Standardized extends NamedModule {
  private static final long serialVersionUID = 1L;

  private final Standardize scale;
  private final Module network;

  Standardized(Standardize scale, Module network) {
    this.scale = scale;
    this.network = network;
  }

  @Override
  public Tensors forward(Tensors in) {
    Tensors scaled = null;
    for (String name : in.names()) {
      Tensor t = in.get(name);
      if (name.equals(Inputs.FEATURES)) t = scale.apply(t);
      scaled = scaled == null ? Tensors.of(name, t) : scaled.and(name, t);
    }
    return network.forward(scaled);
  }
}
