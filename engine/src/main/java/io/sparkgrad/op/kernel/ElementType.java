package io.sparkgrad.op.kernel;

import io.sparkgrad.DType;
import io.sparkgrad.Storage;
import io.sparkgrad.backend.cpu.ArrayPool;
import java.lang.reflect.Array;

/**
 * The type a kernel's loop runs in: {@code double[]} for every kernel, {@code float[]} and {@code
 * long[]} for those that have such a loop. It moves numbers of any dtype and stride into a run of
 * its own type and back.
 *
 * @param <A> the Java array type
 */
public abstract class ElementType<A> {
  /** Elements of a chunk that stays in the L1 cache. */
  public static final int CHUNK = 512;

  /* More is worth a place in the pool. */
  private static final int SHORT = 64;

  private final Class<A> type;

  private ElementType(Class<A> type) {
    this.type = type;
  }

  /** A run of n numbers, or more, to fill; undefined. To be given back by {@link #release}. */
  public final A scratch(int n) {
    int length = n <= SHORT ? n : Math.max(n, CHUNK);
    Object reused = n <= SHORT ? null : ArrayPool.take(type, length);
    return type.cast(reused != null ? reused : Array.newInstance(type.componentType(), length));
  }

  /** An array for the runs of several operands. */
  @SuppressWarnings("unchecked")
  final A[] runs(int operands) {
    return (A[]) Array.newInstance(type, operands);
  }

  /** Gives a run back. */
  public final void release(A scratch) {
    ArrayPool.give(scratch);
  }

  /** The storage's own array if the loop can run on it without a conversion, else null. */
  abstract A direct(Storage s);

  /** {@code to[first..first+n)} = the numbers from {@code at} on, {@code step} apart. */
  abstract void load(Storage s, int at, int step, int n, A to, int first);

  /** The reverse of {@link #load(Storage, int, int, int, Object, int)}. */
  abstract void store(A from, int first, Storage s, int at, int step, int n);

  public final void load(Storage s, int at, int step, int n, A to) {
    load(s, at, step, n, to, 0);
  }

  public final void store(A from, Storage s, int at, int step, int n) {
    store(from, 0, s, at, step, n);
  }

  public static final ElementType<double[]> DOUBLE =
      new ElementType<>(double[].class) {
        @Override
        double[] direct(Storage s) {
          return s.dtype() == DType.FLOAT64 ? s.array() : null;
        }

        @Override
        void load(Storage s, int at, int step, int n, double[] to, int first) {
          s.load(at, step, n, to, first);
        }

        @Override
        void store(double[] from, int first, Storage s, int at, int step, int n) {
          s.store(from, first, at, step, n);
        }
      };

  /** For float32 operands; a comparison may store its 0 and 1 as bool. */
  public static final ElementType<float[]> FLOAT =
      new ElementType<>(float[].class) {
        @Override
        float[] direct(Storage s) {
          return s.dtype() == DType.FLOAT32 ? s.array() : null;
        }

        @Override
        void load(Storage s, int at, int step, int n, float[] to, int first) {
          s.load(at, step, n, to, first);
        }

        @Override
        void store(float[] from, int first, Storage s, int at, int step, int n) {
          s.store(from, first, at, step, n);
        }
      };

  /** For integer and bool operands. */
  public static final ElementType<long[]> LONG =
      new ElementType<>(long[].class) {
        @Override
        long[] direct(Storage s) {
          return s.dtype() == DType.INT64 ? s.array() : null;
        }

        @Override
        void load(Storage s, int at, int step, int n, long[] to, int first) {
          s.load(at, step, n, to, first);
        }

        @Override
        void store(long[] from, int first, Storage s, int at, int step, int n) {
          s.store(from, first, at, step, n);
        }
      };
}
