package io.sparkgrad.cluster.ps;

import java.util.Arrays;
import java.util.Objects;

/**
 * A slice of a float array, not copied: the array is shared with its maker. Equal when the bits are
 * equal.
 *
 * @param owner that gets the array back on {@link #release}; null: none
 */
record Floats(float[] array, int from, int length, Buffers owner) {
  Floats {
    Objects.checkFromIndexSize(from, length, array.length);
  }

  Floats(float[] array, int from, int length) {
    this(array, from, length, null);
  }

  /** Gives the array back to its owner: nobody may use the numbers any more. */
  void release() {
    if (owner != null) owner.give(array);
  }

  static Floats of(float[] array) {
    return new Floats(array, 0, array.length);
  }

  float at(int i) {
    return array[from + i];
  }

  Floats slice(int at, int n) {
    return new Floats(array, from + at, n);
  }

  /* C2 of JDK 17 makes vector instructions of loops in which one index goes through all arrays, of no others: 79,510
   * numbers take 6 us so, and 21 with a second index. */
  private static final int CHUNK = 1_024; // floats: two of them stay in the L1 cache

  /** Adds as many numbers, in place. */
  void add(Floats other) {
    float[] a = array;
    float[] b = other.array;
    int end = from + length;
    if (from == other.from) {
      for (int i = from; i < end; i++) a[i] += b[i];
      return;
    }
    float[] x = new float[CHUNK];
    float[] y = new float[CHUNK];
    for (int at = 0; at < length; at += CHUNK) {
      int n = Math.min(CHUNK, length - at);
      System.arraycopy(a, from + at, x, 0, n);
      System.arraycopy(b, other.from + at, y, 0, n);
      for (int i = 0; i < n; i++) x[i] += y[i];
      System.arraycopy(x, 0, a, from + at, n);
    }
  }

  /** Of the first n the larger one of both, in an array of their own. */
  Floats largest(Floats other, int n) {
    float[] largest = new float[n];
    for (int i = 0; i < n; i++) largest[i] = Math.max(at(i), other.at(i));
    return of(largest);
  }

  /** Divides in place. */
  void divide(double by) {
    float[] a = array;
    int end = from + length;
    float divisor = (float) by;
    // The quotient of two floats has the same bits whether it is rounded once or by way of double.
    if (divisor == by) for (int i = from; i < end; i++) a[i] = a[i] / divisor;
    else for (int i = from; i < end; i++) a[i] = (float) (a[i] / by);
  }

  /** The numbers divided, in another array of as many. */
  Floats dividedBy(double by, float[] into) {
    System.arraycopy(array, from, into, 0, length);
    Floats quotients = Floats.of(into);
    quotients.divide(by);
    return quotients;
  }

  /** Whether none is NaN or infinite. */
  boolean areFinite() {
    float[] sums = new float[CHUNK]; // of 0, or of NaN: that is what 0 times such a number is
    float[] x = new float[CHUNK];
    for (int at = 0; at < length; at += CHUNK) {
      int n = Math.min(CHUNK, length - at);
      System.arraycopy(array, from + at, x, 0, n);
      for (int i = 0; i < n; i++) sums[i] += x[i] * 0f;
    }
    for (float s : sums) if (s != 0) return false;
    return true;
  }

  /**
   * The numbers as an array of their own: shared where they are one.
   *
   * @throws IllegalArgumentException if there are not so many
   */
  float[] whole(int expected) {
    if (length != expected)
      throw new IllegalArgumentException(
          "%s where %s numbers are expected".formatted(this, expected));
    return from == 0 && array.length == length ? array : gather();
  }

  /** A new array of the numbers. */
  float[] gather() {
    return Arrays.copyOfRange(array, from, from + length);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Floats f
        && Arrays.equals(array, from, from + length, f.array, f.from, f.from + f.length);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(Arrays.copyOfRange(array, from, from + length));
  }

  @Override
  public String toString() {
    return length + " floats";
  }
}
