package io.sparkgrad;

import java.util.Arrays;

/**
 * The numbers behind a tensor and all its views: one Java array, and the counter of in-place writes
 * that guards what backward has saved. Not thread-safe for writers.
 */
public final class Storage {
  private final DType dtype;
  private final Object array;
  private int version;

  private Storage(DType dtype, Object array) {
    this.dtype = dtype;
    this.array = array;
  }

  static Storage of(float[] a) {
    return new Storage(DType.FLOAT32, a);
  }

  static Storage of(double[] a) {
    return new Storage(DType.FLOAT64, a);
  }

  static Storage of(long[] a) {
    return new Storage(DType.INT64, a);
  }

  static Storage of(int[] a) {
    return new Storage(DType.INT32, a);
  }

  static Storage of(boolean[] a) {
    return new Storage(DType.BOOL, a);
  }

  /** New zeros. */
  static Storage allocate(DType dtype, int n) {
    return switch (dtype) {
      case BOOL -> of(new boolean[n]);
      case INT32 -> of(new int[n]);
      case INT64 -> of(new long[n]);
      case FLOAT32 -> of(new float[n]);
      case FLOAT64 -> of(new double[n]);
    };
  }

  /** The same array under a version counter of its own: what {@code tensor.data()} hands out. */
  Storage unversioned() {
    return new Storage(dtype, array);
  }

  public DType dtype() {
    return dtype;
  }

  public float[] floats() {
    return (float[]) array;
  }

  public double[] doubles() {
    return (double[]) array;
  }

  public long[] longs() {
    return (long[]) array;
  }

  public int[] ints() {
    return (int[]) array;
  }

  public boolean[] booleans() {
    return (boolean[]) array;
  }

  /** Whether the two share their numbers. */
  public boolean sharesWith(Storage other) {
    return array == other.array;
  }

  public double getDouble(int i) {
    return switch (dtype) {
      case BOOL -> booleans()[i] ? 1 : 0;
      case INT32 -> ints()[i];
      case INT64 -> longs()[i];
      case FLOAT32 -> floats()[i];
      case FLOAT64 -> doubles()[i];
    };
  }

  public long getLong(int i) {
    return switch (dtype) {
      case BOOL -> booleans()[i] ? 1 : 0;
      case INT32 -> ints()[i];
      case INT64 -> longs()[i];
      case FLOAT32 -> (long) floats()[i];
      case FLOAT64 -> (long) doubles()[i];
    };
  }

  public void set(int i, double v) {
    switch (dtype) {
      case BOOL -> booleans()[i] = v != 0;
      case INT32 -> ints()[i] = (int) v;
      case INT64 -> longs()[i] = (long) v;
      case FLOAT32 -> floats()[i] = (float) v;
      case FLOAT64 -> doubles()[i] = v;
    }
  }

  /** Sets all numbers, uncounted: for new storage. */
  void fill(double v) {
    switch (dtype) {
      case BOOL -> Arrays.fill(booleans(), v != 0);
      case INT32 -> Arrays.fill(ints(), (int) v);
      case INT64 -> Arrays.fill(longs(), (long) v);
      case FLOAT32 -> Arrays.fill(floats(), (float) v);
      case FLOAT64 -> Arrays.fill(doubles(), v);
    }
  }

  /** How often the numbers were changed in place. */
  public int version() {
    return version;
  }

  public void bumpVersion() {
    version++;
  }
}
