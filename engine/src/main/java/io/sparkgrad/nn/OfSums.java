package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.io.Serializable;

/** A metric that is a function of several sums. */
record OfSums(String name, Sums sums, Finish finish) implements Metric {
  /** Sums over a batch. */
  @FunctionalInterface
  interface Sums extends Serializable {
    double[] of(Tensor output, Tensor target);
  }

  /** What is made of those of all rows. */
  @FunctionalInterface
  interface Finish extends Serializable {
    double of(double[] sums);
  }

  @Override
  public Value of(Tensor output, Tensor target) {
    return Value.sums(sums.of(output, target));
  }

  @Override
  public double finish(double[] numbers) {
    return finish.of(numbers);
  }

  @Override
  public String toString() {
    return name;
  }
}
