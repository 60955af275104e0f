package io.sparkgrad;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The {@link Elements} of the floating types. */
final class FloatingElements {
  private FloatingElements() {}

  static final Elements<short[]> FLOAT16S =
      new Elements<>(short[].class) {
        @Override
        double getDouble(short[] a, int i) {
          return HalfPrecision.fromFloat16(a[i]);
        }

        @Override
        long getLong(short[] a, int i) {
          return Elements.toLong(HalfPrecision.fromFloat16(a[i]));
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
          return Elements.toLong(HalfPrecision.fromBFloat16(a[i]));
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
          return Elements.toLong(a[i]);
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
          return Elements.toLong(a[i]);
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
