package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.io.Serializable;
import java.util.Arrays;

/**
 * A measure beside the loss, say {@code Metrics::accuracy}. Like a {@link Loss} it gives numbers
 * that add up over the parts of the data, and from those of all the measure is made: exact, not a
 * mean of means. It needs no gradient.
 *
 * <p>As a lambda it gives a sum and what it is divided by. A class may give other sums, or numbers
 * of each row, and makes something of them in {@link #finish}.
 */
@FunctionalInterface
public interface Metric extends Serializable {
  /** Measures a batch of outputs, rows first, against its targets. */
  Value of(Tensor output, Tensor target);

  /**
   * The measure of all rows; the first number divided by the second unless a class says otherwise.
   *
   * @param numbers added up, or one behind the other
   */
  default double finish(double[] numbers) {
    return numbers[0] / numbers[1];
  }

  /**
   * What some rows add to a measure.
   *
   * @param numbers as many for each batch, to be added up; or some of each row
   * @param ofRows whether they are put one behind the other instead: 8 bytes each that the driver
   *     holds
   */
  record Value(double[] numbers, boolean ofRows) {
    /**
     * A sum over rows.
     *
     * @param denominator the count (or the weight) of what was summed
     */
    public Value(double sum, double denominator) {
      this(new double[] {sum, denominator}, false);
    }

    public static Value sums(double... sums) {
      return new Value(sums, false);
    }

    public static Value rows(double... numbers) {
      return new Value(numbers, true);
    }

    /** The first number divided by the second. */
    public double mean() {
      return numbers[0] / numbers[1];
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Value v && ofRows == v.ofRows && Arrays.equals(numbers, v.numbers);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(numbers);
    }

    @Override
    public String toString() {
      return (ofRows ? "rows " : "sums ") + Arrays.toString(numbers);
    }
  }
}
