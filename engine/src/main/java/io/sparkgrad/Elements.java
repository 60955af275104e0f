package io.sparkgrad;

import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * How a type's numbers lie in a Java array, and how they become doubles, floats and longs and come
 * back. A class a type, each with the loops that must be fast written out: so each loop sees one
 * type of array, and C2 makes vector instructions of it. Stateless.
 *
 * @param <A> the array: {@code float[]}
 */
abstract class Elements<A> {
  private final Class<A> type;

  private Elements(Class<A> type) {
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
  private static int toInt(double v) {
    int whole = (int) v;
    return v >= 0x1p31 || v != v ? Integer.MIN_VALUE : whole;
  }

  private static long toLong(double v) {
    long whole = (long) v;
    return v >= 0x1p63 || v != v ? Long.MIN_VALUE : whole;
  }

  static final Elements<boolean[]> BOOLEANS =
      new Elements<>(boolean[].class) {
        @Override
        double getDouble(boolean[] a, int i) {
          return a[i] ? 1 : 0;
        }

        @Override
        long getLong(boolean[] a, int i) {
          return a[i] ? 1 : 0;
        }

        @Override
        void set(boolean[] a, int i, double v) {
          a[i] = v != 0;
        }

        @Override
        void set(boolean[] a, int i, long v) {
          a[i] = v != 0;
        }

        @Override
        void spread(boolean[] a, int from, int to) {
          Arrays.fill(a, from, to, a[from]);
        }

        @Override
        void read(ByteBuffer from, boolean[] a, int at, int n) {
          for (int i = 0; i < n; i++) a[at + i] = from.get() != 0;
        }

        @Override
        void write(boolean[] a, int at, int n, ByteBuffer to) {
          for (int i = 0; i < n; i++) to.put((byte) (a[at + i] ? 1 : 0));
        }

        @Override
        void load(boolean[] a, int at, int step, int n, double[] to, int first) {
          for (int i = 0; i < n; i++) to[first + i] = a[at + i * step] ? 1 : 0;
        }

        @Override
        void load(boolean[] a, int at, int step, int n, long[] to, int first) {
          for (int i = 0; i < n; i++) to[first + i] = a[at + i * step] ? 1 : 0;
        }

        @Override
        void store(double[] from, int first, boolean[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = from[first + i] != 0;
        }

        @Override
        void store(float[] from, int first, boolean[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = from[first + i] != 0;
        }

        @Override
        void store(long[] from, int first, boolean[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = from[first + i] != 0;
        }
      };

  static final Elements<byte[]> UNSIGNED_BYTES =
      new Elements<>(byte[].class) {
        @Override
        double getDouble(byte[] a, int i) {
          return a[i] & 0xff;
        }

        @Override
        long getLong(byte[] a, int i) {
          return a[i] & 0xff;
        }

        @Override
        void set(byte[] a, int i, double v) {
          a[i] = (byte) toLong(v);
        }

        @Override
        void set(byte[] a, int i, long v) {
          a[i] = (byte) v;
        }

        @Override
        void spread(byte[] a, int from, int to) {
          Arrays.fill(a, from, to, a[from]);
        }

        @Override
        void read(ByteBuffer from, byte[] a, int at, int n) {
          from.duplicate().get(a, at, n);
        }

        @Override
        void write(byte[] a, int at, int n, ByteBuffer to) {
          to.duplicate().put(a, at, n);
        }

        @Override
        void load(byte[] a, int at, int step, int n, double[] to, int first) {
          for (int i = 0; i < n; i++) to[first + i] = a[at + i * step] & 0xff;
        }

        @Override
        void load(byte[] a, int at, int step, int n, long[] to, int first) {
          for (int i = 0; i < n; i++) to[first + i] = a[at + i * step] & 0xff;
        }

        @Override
        void store(double[] from, int first, byte[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = (byte) toLong(from[first + i]);
        }

        @Override
        void store(long[] from, int first, byte[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = (byte) from[first + i];
        }
      };

  static final Elements<byte[]> BYTES =
      new Elements<>(byte[].class) {
        @Override
        double getDouble(byte[] a, int i) {
          return a[i];
        }

        @Override
        long getLong(byte[] a, int i) {
          return a[i];
        }

        @Override
        void set(byte[] a, int i, double v) {
          a[i] = (byte) toInt(v);
        }

        @Override
        void set(byte[] a, int i, long v) {
          a[i] = (byte) v;
        }

        @Override
        void spread(byte[] a, int from, int to) {
          Arrays.fill(a, from, to, a[from]);
        }

        @Override
        void read(ByteBuffer from, byte[] a, int at, int n) {
          from.duplicate().get(a, at, n);
        }

        @Override
        void write(byte[] a, int at, int n, ByteBuffer to) {
          to.duplicate().put(a, at, n);
        }

        @Override
        void load(byte[] a, int at, int step, int n, double[] to, int first) {
          for (int i = 0; i < n; i++) to[first + i] = a[at + i * step];
        }

        @Override
        void load(byte[] a, int at, int step, int n, long[] to, int first) {
          for (int i = 0; i < n; i++) to[first + i] = a[at + i * step];
        }

        @Override
        void store(double[] from, int first, byte[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = (byte) toInt(from[first + i]);
        }

        @Override
        void store(long[] from, int first, byte[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = (byte) from[first + i];
        }
      };

  static final Elements<short[]> SHORTS =
      new Elements<>(short[].class) {
        @Override
        double getDouble(short[] a, int i) {
          return a[i];
        }

        @Override
        long getLong(short[] a, int i) {
          return a[i];
        }

        @Override
        void set(short[] a, int i, double v) {
          a[i] = (short) toInt(v);
        }

        @Override
        void set(short[] a, int i, long v) {
          a[i] = (short) v;
        }

        @Override
        void spread(short[] a, int from, int to) {
          Arrays.fill(a, from, to, a[from]);
        }

        @Override
        void read(ByteBuffer from, short[] a, int at, int n) {
          from.asShortBuffer().get(a, at, n);
        }

        @Override
        void write(short[] a, int at, int n, ByteBuffer to) {
          to.asShortBuffer().put(a, at, n);
        }

        @Override
        void load(short[] a, int at, int step, int n, double[] to, int first) {
          for (int i = 0; i < n; i++) to[first + i] = a[at + i * step];
        }

        @Override
        void load(short[] a, int at, int step, int n, long[] to, int first) {
          for (int i = 0; i < n; i++) to[first + i] = a[at + i * step];
        }

        @Override
        void store(double[] from, int first, short[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = (short) toInt(from[first + i]);
        }

        @Override
        void store(long[] from, int first, short[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = (short) from[first + i];
        }
      };

  static final Elements<int[]> INTS =
      new Elements<>(int[].class) {
        @Override
        double getDouble(int[] a, int i) {
          return a[i];
        }

        @Override
        long getLong(int[] a, int i) {
          return a[i];
        }

        @Override
        void set(int[] a, int i, double v) {
          a[i] = toInt(v);
        }

        @Override
        void set(int[] a, int i, long v) {
          a[i] = (int) v;
        }

        @Override
        void spread(int[] a, int from, int to) {
          Arrays.fill(a, from, to, a[from]);
        }

        @Override
        void read(ByteBuffer from, int[] a, int at, int n) {
          from.asIntBuffer().get(a, at, n);
        }

        @Override
        void write(int[] a, int at, int n, ByteBuffer to) {
          to.asIntBuffer().put(a, at, n);
        }

        @Override
        void load(int[] a, int at, int step, int n, double[] to, int first) {
          for (int i = 0; i < n; i++) to[first + i] = a[at + i * step];
        }

        @Override
        void load(int[] a, int at, int step, int n, long[] to, int first) {
          for (int i = 0; i < n; i++) to[first + i] = a[at + i * step];
        }

        @Override
        void store(double[] from, int first, int[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = toInt(from[first + i]);
        }

        @Override
        void store(long[] from, int first, int[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = (int) from[first + i];
        }
      };

  static final Elements<long[]> LONGS =
      new Elements<>(long[].class) {
        @Override
        double getDouble(long[] a, int i) {
          return a[i];
        }

        @Override
        float getFloat(long[] a, int i) {
          return a[i]; // by way of a double it would be rounded twice
        }

        @Override
        long getLong(long[] a, int i) {
          return a[i];
        }

        @Override
        void set(long[] a, int i, double v) {
          a[i] = toLong(v);
        }

        @Override
        void set(long[] a, int i, long v) {
          a[i] = v;
        }

        @Override
        void spread(long[] a, int from, int to) {
          Arrays.fill(a, from, to, a[from]);
        }

        @Override
        void read(ByteBuffer from, long[] a, int at, int n) {
          from.asLongBuffer().get(a, at, n);
        }

        @Override
        void write(long[] a, int at, int n, ByteBuffer to) {
          to.asLongBuffer().put(a, at, n);
        }

        @Override
        void load(long[] a, int at, int step, int n, double[] to, int first) {
          for (int i = 0; i < n; i++) to[first + i] = a[at + i * step];
        }

        @Override
        void load(long[] a, int at, int step, int n, long[] to, int first) {
          for (int i = 0; i < n; i++) to[first + i] = a[at + i * step];
        }

        @Override
        void store(double[] from, int first, long[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = toLong(from[first + i]);
        }

        @Override
        void store(long[] from, int first, long[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = from[first + i];
        }
      };

  static final Elements<short[]> FLOAT16S =
      new Elements<>(short[].class) {
        @Override
        double getDouble(short[] a, int i) {
          return HalfPrecision.fromFloat16(a[i]);
        }

        @Override
        long getLong(short[] a, int i) {
          return toLong(HalfPrecision.fromFloat16(a[i]));
        }

        @Override
        void set(short[] a, int i, double v) {
          a[i] = HalfPrecision.toFloat16((float) v);
        }

        @Override
        void set(short[] a, int i, long v) {
          a[i] = HalfPrecision.toFloat16(v);
        }

        @Override
        void spread(short[] a, int from, int to) {
          Arrays.fill(a, from, to, a[from]);
        }

        @Override
        void read(ByteBuffer from, short[] a, int at, int n) {
          from.asShortBuffer().get(a, at, n);
        }

        @Override
        void write(short[] a, int at, int n, ByteBuffer to) {
          to.asShortBuffer().put(a, at, n);
        }

        @Override
        void load(short[] a, int at, int step, int n, float[] to, int first) {
          for (int i = 0; i < n; i++) to[first + i] = HalfPrecision.fromFloat16(a[at + i * step]);
        }

        @Override
        void store(float[] from, int first, short[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = HalfPrecision.toFloat16(from[first + i]);
        }
      };

  static final Elements<short[]> BFLOAT16S =
      new Elements<>(short[].class) {
        @Override
        double getDouble(short[] a, int i) {
          return HalfPrecision.fromBFloat16(a[i]);
        }

        @Override
        long getLong(short[] a, int i) {
          return toLong(HalfPrecision.fromBFloat16(a[i]));
        }

        @Override
        void set(short[] a, int i, double v) {
          a[i] = HalfPrecision.toBFloat16((float) v);
        }

        @Override
        void set(short[] a, int i, long v) {
          a[i] = HalfPrecision.toBFloat16(v);
        }

        @Override
        void spread(short[] a, int from, int to) {
          Arrays.fill(a, from, to, a[from]);
        }

        @Override
        void read(ByteBuffer from, short[] a, int at, int n) {
          from.asShortBuffer().get(a, at, n);
        }

        @Override
        void write(short[] a, int at, int n, ByteBuffer to) {
          to.asShortBuffer().put(a, at, n);
        }

        @Override
        void load(short[] a, int at, int step, int n, float[] to, int first) {
          for (int i = 0; i < n; i++) to[first + i] = HalfPrecision.fromBFloat16(a[at + i * step]);
        }

        @Override
        void store(float[] from, int first, short[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = HalfPrecision.toBFloat16(from[first + i]);
        }
      };

  static final Elements<float[]> FLOATS =
      new Elements<>(float[].class) {
        @Override
        double getDouble(float[] a, int i) {
          return a[i];
        }

        @Override
        float getFloat(float[] a, int i) {
          return a[i];
        }

        @Override
        long getLong(float[] a, int i) {
          return toLong(a[i]);
        }

        @Override
        void set(float[] a, int i, double v) {
          a[i] = (float) v;
        }

        @Override
        void set(float[] a, int i, long v) {
          a[i] = v;
        }

        @Override
        void spread(float[] a, int from, int to) {
          Arrays.fill(a, from, to, a[from]);
        }

        @Override
        void read(ByteBuffer from, float[] a, int at, int n) {
          from.asFloatBuffer().get(a, at, n);
        }

        @Override
        void write(float[] a, int at, int n, ByteBuffer to) {
          to.asFloatBuffer().put(a, at, n);
        }

        @Override
        void load(float[] a, int at, int step, int n, double[] to, int first) {
          if (step == 1) for (int i = 0; i < n; i++) to[first + i] = a[at + i];
          else for (int i = 0; i < n; i++) to[first + i] = a[at + i * step];
        }

        @Override
        void load(float[] a, int at, int step, int n, float[] to, int first) {
          if (step == 1) System.arraycopy(a, at, to, first, n);
          else for (int i = 0; i < n; i++) to[first + i] = a[at + i * step];
        }

        @Override
        void store(double[] from, int first, float[] a, int at, int step, int n) {
          if (step == 1) for (int i = 0; i < n; i++) a[at + i] = (float) from[first + i];
          else for (int i = 0; i < n; i++) a[at + i * step] = (float) from[first + i];
        }

        @Override
        void store(float[] from, int first, float[] a, int at, int step, int n) {
          if (step == 1) System.arraycopy(from, first, a, at, n);
          else for (int i = 0; i < n; i++) a[at + i * step] = from[first + i];
        }

        @Override
        void store(long[] from, int first, float[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = from[first + i];
        }
      };

  static final Elements<double[]> DOUBLES =
      new Elements<>(double[].class) {
        @Override
        double getDouble(double[] a, int i) {
          return a[i];
        }

        @Override
        long getLong(double[] a, int i) {
          return toLong(a[i]);
        }

        @Override
        void set(double[] a, int i, double v) {
          a[i] = v;
        }

        @Override
        void set(double[] a, int i, long v) {
          a[i] = v;
        }

        @Override
        void spread(double[] a, int from, int to) {
          Arrays.fill(a, from, to, a[from]);
        }

        @Override
        void read(ByteBuffer from, double[] a, int at, int n) {
          from.asDoubleBuffer().get(a, at, n);
        }

        @Override
        void write(double[] a, int at, int n, ByteBuffer to) {
          to.asDoubleBuffer().put(a, at, n);
        }

        @Override
        void load(double[] a, int at, int step, int n, double[] to, int first) {
          if (step == 1) System.arraycopy(a, at, to, first, n);
          else for (int i = 0; i < n; i++) to[first + i] = a[at + i * step];
        }

        @Override
        void store(double[] from, int first, double[] a, int at, int step, int n) {
          if (step == 1) System.arraycopy(from, first, a, at, n);
          else for (int i = 0; i < n; i++) a[at + i * step] = from[first + i];
        }

        @Override
        void store(long[] from, int first, double[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = from[first + i];
        }
      };
}
