package io.sparkgrad.cluster.ml;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Standardize;

/**
 * A network to the measure of its data, as tasks make it.
 *
 * @param mean of each feature, null: those of a file are loaded
 * @param deviation of each feature, likewise
 */
record SizedNetwork(Network network, Sizes sizes, double[] mean, double[] deviation)
    implements ModelSupplier {
  /** Of a model whose state is loaded. */
  SizedNetwork(Network network, Sizes sizes) {
    this(network, sizes, null, null);
  }

  @Override
  public Module get() {
    Module module = network.build(sizes);
    if (sizes.features() == 0) return module;
    Standardize scale =
        mean == null
            ? new Standardize(sizes.features())
            : new Standardize(Tensor.tensor(mean), Tensor.tensor(deviation));
    return new Standardized(scale, module);
  }
}
