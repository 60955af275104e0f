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
   * As {@link #of(Tensor, Tensor)}, each row counting as often as its weight says.
   *
   * @param weights {@code [rows]}, none negative; null: one each
   * @throws UnsupportedOperationException for a metric that does not say what each row adds
   */
  default Value of(Tensor output, Tensor target, Tensor weights) {
    Value value = of(output, target);
    return weights == null ? value : value.weightedBy(weights);
  }

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
   * @param each {@code [rows, numbers]}, what each row adds to the sums; null: not known
   */
  record Value(double[] numbers, boolean ofRows, Tensor each) {
    /**
     * A sum over rows.
     *
     * @param denominator the count (or the weight) of what was summed
     */
    public Value(double sum, double denominator) {
      this(new double[] {sum, denominator}, false, null);
    }

    public static Value sums(double... sums) {
      return new Value(sums, false, null);
    }

    public static Value rows(double... numbers) {
      return new Value(numbers, true, null);
    }

    /** The sums of what each row adds, {@code [rows, numbers]}: such a measure can be weighted. */
    public static Value ofEach(Tensor each) {
      return new Value(each.sum(0).toDoubles(), false, each);
    }

    Value weightedBy(Tensor weights) {
      if (each == null)
        throw new UnsupportedOperationException(
            "this metric does not say what each row adds to it, so rows cannot be weighted: take one of Metrics, or make its value by Metric.Value.ofEach");
      return ofEach(each.mul(weights.to(each.dtype()).unsqueeze(1)));
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
