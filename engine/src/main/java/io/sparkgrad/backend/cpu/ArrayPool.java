package io.sparkgrad.backend.cpu;

import java.lang.ref.SoftReference;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Arrays that nobody holds any more, kept for the next one of the same type and length: a training
 * loop asks for the same ones in each step, and to take one from here spares clearing it and
 * collecting it. A pool a thread, without locks; it goes with the thread. It holds an eighth of the
 * heap at most, letting go of the lengths that were not asked for the longest, and goes as a whole
 * before the JVM runs out of memory.
 */
public final class ArrayPool {
  private static final int SMALLEST = 1024; // bytes; less is as quickly made
  /* Bytes a pool may hold; tests set it. */
  static volatile long room = Runtime.getRuntime().maxMemory() / 8;
  private static final ThreadLocal<SoftReference<ArrayPool>> POOL = new ThreadLocal<>();

  private record Kind(Class<?> type, int length) {}

  /* The one asked for last comes last. */
  private final Map<Kind, List<Object>> free = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;
  private long reused;

  private ArrayPool() {}

  private static ArrayPool current() {
    SoftReference<ArrayPool> reference = POOL.get();
    return reference == null ? null : reference.get();
  }

  /** An array that was given back, its numbers undefined; null if there is none. */
  public static Object take(Class<?> type, int length) {
    ArrayPool pool = current();
    return pool == null ? null : pool.remove(new Kind(type, length));
  }

  /** Gives an array back that the caller, and nobody else, has held. */
  public static void give(Object array) {
    assert garble(array);
    long size = bytes(array);
    if (size < SMALLEST || size > room) return;
    ArrayPool pool = current();
    if (pool == null) {
      pool = new ArrayPool();
      POOL.set(new SoftReference<>(pool));
    }
    pool.add(array, size);
  }

  /** Lets go of all arrays of this thread. */
  public static void empty() {
    POOL.remove();
  }

  /** The bytes that this thread's pool holds. */
  public static long bytes() {
    ArrayPool pool = current();
    return pool == null ? 0 : pool.bytes;
  }

  /** The bytes that this thread's pool has spared so far. */
  public static long reusedBytes() {
    ArrayPool pool = current();
    return pool == null ? 0 : pool.reused;
  }

  private Object remove(Kind kind) {
    List<Object> arrays = free.get(kind);
    if (arrays == null) return null;
    Object array = arrays.remove(arrays.size() - 1);
    if (arrays.isEmpty()) free.remove(kind);
    bytes -= bytes(array);
    reused += bytes(array);
    return array;
  }

  private void add(Object array, long size) {
    Kind kind = new Kind(array.getClass(), Array.getLength(array));
    free.computeIfAbsent(kind, k -> new ArrayList<>(4)).add(array);
    bytes += size;
    while (bytes > room) forgetEldest();
  }

  private void forgetEldest() {
    Iterator<List<Object>> eldest = free.values().iterator();
    List<Object> arrays = eldest.next();
    bytes -= bytes(arrays.remove(arrays.size() - 1));
    if (arrays.isEmpty()) eldest.remove();
  }

  private static long bytes(Object array) {
    long length = Array.getLength(array);
    if (array instanceof boolean[] || array instanceof byte[]) return length;
    if (array instanceof short[]) return 2 * length;
    return length * (array instanceof float[] || array instanceof int[] ? 4 : 8);
  }

  /**
   * Fills an array with what no computation should ever meet; by {@code assert}, so that tests
   * notice who relies on numbers that are undefined.
   *
   * @return true
   */
  public static boolean garble(Object array) {
    if (array instanceof float[] a) Arrays.fill(a, Float.NaN);
    else if (array instanceof double[] a) Arrays.fill(a, Double.NaN);
    else if (array instanceof long[] a) Arrays.fill(a, Long.MIN_VALUE + 0xBAD);
    else if (array instanceof int[] a) Arrays.fill(a, Integer.MIN_VALUE + 0xBAD);
    else if (array instanceof short[] a) Arrays.fill(a, (short) 0x7ebd); // NaN as float16
    else if (array instanceof byte[] a) Arrays.fill(a, (byte) 0xbd);
    else if (array instanceof boolean[] a) Arrays.fill(a, true);
    return true;
  }
}
