package io.sparkgrad;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The {@link Elements} of bool and the types of whole numbers. */
final class IntegerElements {
  private IntegerElements() {}

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
          a[i] = (byte) Elements.toLong(v);
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
          for (int i = 0; i < n; i++) a[at + i * step] = (byte) Elements.toLong(from[first + i]);
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
          a[i] = (byte) Elements.toInt(v);
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
          for (int i = 0; i < n; i++) a[at + i * step] = (byte) Elements.toInt(from[first + i]);
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
          a[i] = (short) Elements.toInt(v);
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
          for (int i = 0; i < n; i++) a[at + i * step] = (short) Elements.toInt(from[first + i]);
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
          a[i] = Elements.toInt(v);
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
          for (int i = 0; i < n; i++) a[at + i * step] = Elements.toInt(from[first + i]);
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
          a[i] = Elements.toLong(v);
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
          for (int i = 0; i < n; i++) a[at + i * step] = Elements.toLong(from[first + i]);
        }

        @Override
        void store(long[] from, int first, long[] a, int at, int step, int n) {
          for (int i = 0; i < n; i++) a[at + i * step] = from[first + i];
        }
      };
}
