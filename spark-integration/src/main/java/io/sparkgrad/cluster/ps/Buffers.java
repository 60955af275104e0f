package io.sparkgrad.cluster.ps;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Memory of messages that is used again, by length: a step's are those of the step before. What
 * nobody gives back is left to the garbage collector. Thread-safe.
 */
final class Buffers {
  /* A new array is cleared, and by then has left the processor's caches: of a step of 80,000 numbers that was a tenth. */
  private static final int SMALLEST = 1 << 10; // bytes; less is as quickly made
  private static final long MOST = Runtime.getRuntime().maxMemory() / 32; // bytes that are kept
  private static final long LARGEST = MOST / 4;

  private record Kind(Class<?> type, int length) {}

  private final Map<Kind, Deque<Object>> free = new HashMap<>();
  private long kept;

  /** An array; its contents are undefined. */
  float[] floats(int length) {
    float[] a = (float[]) take(new Kind(float[].class, length), (long) Float.BYTES * length);
    return a == null ? new float[length] : a;
  }

  /**
   * An empty buffer; one that will be used again lies outside the heap, and is sent without a copy.
   */
  ByteBuffer bytes(int capacity) {
    if (capacity < SMALLEST || capacity > LARGEST) return ByteBuffer.allocate(capacity);
    ByteBuffer b = (ByteBuffer) take(new Kind(ByteBuffer.class, capacity), capacity);
    return b == null ? ByteBuffer.allocateDirect(capacity) : b.clear();
  }

  /** Takes back an array that nobody uses any more. */
  void give(float[] a) {
    assert garble(a);
    give(new Kind(float[].class, a.length), a, (long) Float.BYTES * a.length);
  }

  /** Takes back a buffer that nobody uses any more. */
  void give(ByteBuffer b) {
    give(new Kind(ByteBuffer.class, b.capacity()), b, b.capacity());
  }

  /* So that tests notice who reads what was given back. */
  private static boolean garble(float[] a) {
    Arrays.fill(a, Float.NaN);
    return true;
  }

  private synchronized Object take(Kind kind, long bytes) {
    Deque<Object> same = free.get(kind);
    if (same == null) return null;
    Object taken = same.pop();
    if (same.isEmpty()) free.remove(kind);
    kept -= bytes;
    return taken;
  }

  private synchronized void give(Kind kind, Object memory, long bytes) {
    if (bytes < SMALLEST || bytes > LARGEST || kept + bytes > MOST) return;
    free.computeIfAbsent(kind, k -> new ArrayDeque<>()).push(memory);
    kept += bytes;
  }
}
