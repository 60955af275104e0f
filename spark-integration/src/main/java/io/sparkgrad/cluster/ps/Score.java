package io.sparkgrad.cluster.ps;

import java.io.Serializable;
import java.util.Arrays;

/**
 * What some validation rows add to a loss or a metric: sums, of a loss its sum and what it is
 * divided by, or numbers of each row, which are put one behind the other. Equal when the numbers
 * are.
 */
public record Score(double[] numbers, boolean ofRows) implements Serializable {
  /** Of no rows. */
  public static final Score NONE = new Score(new double[0], false);

  /** Of a loss. */
  public Score(double sum, double denominator) {
    this(new double[] {sum, denominator}, false);
  }

  public Score plus(Score other) {
    if (numbers.length == 0) return other;
    if (other.numbers.length == 0) return this;
    if (ofRows != other.ofRows || !ofRows && numbers.length != other.numbers.length)
      throw new IllegalStateException("scores " + this + " and " + other);
    if (ofRows) {
      double[] both = Arrays.copyOf(numbers, numbers.length + other.numbers.length);
      System.arraycopy(other.numbers, 0, both, numbers.length, other.numbers.length);
      return new Score(both, true);
    }
    double[] sums = numbers.clone();
    for (int i = 0; i < sums.length; i++) sums[i] += other.numbers[i];
    return new Score(sums, false);
  }

  /** The sum of a loss; 0 of no rows. */
  public double sum() {
    return numbers.length == 0 ? 0 : numbers[0];
  }

  /** What the sum of a loss is divided by; 0 of no rows. */
  public double denominator() {
    return numbers.length == 0 ? 0 : numbers[1];
  }

  /** The weighted mean of a loss; NaN if no row counted. */
  public double value() {
    return sum() / denominator();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Score s && ofRows == s.ofRows && Arrays.equals(numbers, s.numbers);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(numbers);
  }

  @Override
  public String toString() {
    return numbers.length > 4 ? numbers.length + " numbers" : Arrays.toString(numbers);
  }
}
