package io.sparkgrad;

import java.lang.reflect.Array;
import java.nio.ByteBuffer;

/**
 * How a type's numbers lie in a Java array, and how they become doubles, floats and longs and come
 * back. A class a type, each with the loops that must be fast written out: so each loop sees one
 * type of array, and C2 makes vector instructions of it. Stateless.
 *
 * @param <A> the array: {@code float[]}
 */
abstract class Elements<A> {
  private final Class<A> type;

  Elements(Class<A> type) {
    this.type = type;
  }

  /** The class of the array. */
  final Class<A> type() {
    return type;
  }

  /** New zeros. */
  A allocate(int n) {
    return type.cast(Array.newInstance(type.componentType(), n));
  }

  abstract double getDouble(A a, int i);

  abstract long getLong(A a, int i);

  float getFloat(A a, int i) {
    return (float) getDouble(a, i);
  }

  abstract void set(A a, int i, double v);

  abstract void set(A a, int i, long v);

  /** {@code a[from..to)} = a[from]. */
  abstract void spread(A a, int from, int to);

  /** From a buffer at its position, in its byte order, to {@code a[at..at+n)}. */
  abstract void read(ByteBuffer from, A a, int at, int n);

  /** The reverse of {@link #read}. */
  abstract void write(A a, int at, int n, ByteBuffer to);

  /** {@code to[first..first+n)} = the numbers from {@code at} on, {@code step} apart. */
  void load(A a, int at, int step, int n, double[] to, int first) {
    for (int i = 0; i < n; i++) to[first + i] = getDouble(a, at + i * step);
  }

  void load(A a, int at, int step, int n, float[] to, int first) {
    for (int i = 0; i < n; i++) to[first + i] = getFloat(a, at + i * step);
  }

  void load(A a, int at, int step, int n, long[] to, int first) {
    for (int i = 0; i < n; i++) to[first + i] = getLong(a, at + i * step);
  }

  /** The reverse of {@link #load(Object, int, int, int, double[], int)}. */
  void store(double[] from, int first, A a, int at, int step, int n) {
    for (int i = 0; i < n; i++) set(a, at + i * step, from[first + i]);
  }

  void store(float[] from, int first, A a, int at, int step, int n) {
    for (int i = 0; i < n; i++) set(a, at + i * step, from[first + i]);
  }

  void store(long[] from, int first, A a, int at, int step, int n) {
    for (int i = 0; i < n; i++) set(a, at + i * step, from[first + i]);
  }

  /*
   * A double as a whole number, fractions cut. C leaves open what becomes of one that does not fit,
   * and of NaN; the processors PyTorch runs on say the least number.
   */
  static int toInt(double v) {
    int whole = (int) v;
    return v >= 0x1p31 || v != v ? Integer.MIN_VALUE : whole;
  }

  static long toLong(double v) {
    long whole = (long) v;
    return v >= 0x1p63 || v != v ? Long.MIN_VALUE : whole;
  }
}
