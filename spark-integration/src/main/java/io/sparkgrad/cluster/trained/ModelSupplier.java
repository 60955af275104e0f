package io.sparkgrad.cluster.trained;

import io.sparkgrad.nn.Module;
import java.io.Serializable;
import java.util.function.Supplier;

/** Makes the model, on the driver for its first weights and in every task for its structure. */
@FunctionalInterface
public interface ModelSupplier extends Supplier<Module>, Serializable {}
