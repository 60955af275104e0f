package io.sparkgrad.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.lang.ref.WeakReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ArrayPoolTest {
  private final long room = ArrayPool.room;

  @BeforeEach
  void startEmpty() {
    ArrayPool.empty();
  }

  @AfterEach
  void reset() {
    ArrayPool.room = room;
    ArrayPool.empty();
  }

  @Test
  void onlyTheSameTypeAndLengthIsTaken() {
    float[] array = new float[1000];
    ArrayPool.give(array);
    assertNull(ArrayPool.take(float[].class, 999));
    assertNull(ArrayPool.take(int[].class, 1000));
    assertSame(array, ArrayPool.take(float[].class, 1000));
    assertNull(ArrayPool.take(float[].class, 1000));
  }

  @Test
  void smallArraysAreLeftToTheCollector() {
    ArrayPool.give(new double[127]);
    assertEquals(0, ArrayPool.bytes());
    ArrayPool.give(new double[128]);
    assertEquals(1024, ArrayPool.bytes());
  }

  @Test
  void whatWasNotAskedForTheLongestGoesFirst() {
    ArrayPool.room = 20_008;
    ArrayPool.give(new float[1000]);
    ArrayPool.give(new float[1001]);
    ArrayPool.give(new boolean[4000]);
    ArrayPool.give(new float[1000]);
    ArrayPool.give(new long[1001]);
    assertEquals(4000 + 4000 + 4000 + 8008, ArrayPool.bytes());
    assertNull(ArrayPool.take(float[].class, 1001));
    assertNotNull(ArrayPool.take(float[].class, 1000));
    ArrayPool.give(new long[2600]); // has no room at all
    assertEquals(4000 + 4000 + 8008, ArrayPool.bytes());
  }

  @Test
  void aThreadTakesItsArraysWithItWhenItEnds() throws Exception {
    WeakReference<?>[] array = new WeakReference<?>[1];
    Thread thread =
        new Thread(
            () -> {
              float[] numbers = new float[1000];
              array[0] = new WeakReference<>(numbers);
              ArrayPool.give(numbers);
            });
    thread.start();
    thread.join();
    long until = System.nanoTime() + 20_000_000_000L;
    while (array[0].get() != null && System.nanoTime() < until) System.gc();
    assertNull(array[0].get());
    assertEquals(0, ArrayPool.bytes());
  }
}
