package io.sparkgrad.cluster.ps;

import java.util.Arrays;
import java.util.Objects;

/**
 * A slice of a float array, not copied: the array is shared with its maker. Equal when the bits are
 * equal.
 */
record Floats(float[] array, int from, int length) {
  Floats {
    Objects.checkFromIndexSize(from, length, array.length);
  }

  static Floats of(float[] array) {
    return new Floats(array, 0, array.length);
  }

  Floats slice(int at, int n) {
    return new Floats(array, from + at, n);
  }

  void add(Floats other) {
    float[] a = array;
    float[] b = other.array;
    int shift = other.from - from;
    for (int i = from, end = from + length; i < end; i++) a[i] += b[i + shift];
  }

  void copyTo(float[] to, int at) {
    System.arraycopy(array, from, to, at, length);
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
