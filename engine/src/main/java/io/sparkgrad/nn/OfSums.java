package io.sparkgrad.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.io.Serializable;
import java.util.List;

/** A metric that is a function of several sums over the rows. */
record OfSums(String name, Each each, Finish finish) implements Metric {
  /** What each row adds to them, {@code [rows, ...]} each. */
  @FunctionalInterface
  interface Each extends Serializable {
    List<Tensor> of(Tensor output, Tensor target);
  }

  /** What is made of those of all rows. */
  @FunctionalInterface
  interface Finish extends Serializable {
    double of(double[] sums);
  }

  @Override
  public Value of(Tensor output, Tensor target) {
    return sums(each.of(output, target));
  }

  /** Of some tensors of which dimension 0 is the rows. */
  static Value sums(List<Tensor> each) {
    return Value.ofEach(Tensor.stack(each.stream().map(OfSums::byRow).toList(), 1));
  }

  private static Tensor byRow(Tensor t) {
    Tensor wide = t.detach().to(DType.FLOAT64);
    return wide.dim() < 2 ? wide : wide.flatten(1).sum(1);
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
