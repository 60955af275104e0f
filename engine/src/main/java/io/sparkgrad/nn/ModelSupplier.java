package io.sparkgrad.nn;

import java.io.Serializable;
import java.util.function.Supplier;

/** Makes the model, on the driver for its first weights and in every task for its structure. */
@FunctionalInterface
public interface ModelSupplier extends Supplier<Module>, Serializable {
  /* Declared here although Supplier has it: Scala before 2.13.11 asks only the interface that declares the method whether a lambda must be serializable. */
  @Override
  Module get();
}
