package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.dataset.Idx;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class MnistTest {
  /** More than two slices of them, the last one cut short. */
  private static final int IMAGES = 5003;

  @Test
  void slicesGiveEveryImageInOrder() {
    Mnist mnist = mnist(IMAGES);
    List<Row> rows = new ArrayList<>();
    for (Mnist.Slice slice : mnist.slices()) slice.rows().forEachRemaining(rows::add);
    assertEquals(IMAGES, rows.size());
    for (int i = 0; i < IMAGES; i += 617) {
      assertArrayEquals(mnist.pixels(i, i + 1), (float[]) rows.get(i).get(0));
      assertEquals(i % 10, rows.get(i).getInt(1));
    }
  }

  @Test
  void pixelsAreScaledToOne() {
    int[] numbers = new int[Mnist.PIXELS];
    numbers[1] = 255;
    numbers[2] = 51;
    Mnist one = new Mnist(idx(new int[] {1, 28, 28}, numbers), idx(new int[] {1}, 7));
    float[] pixels = one.pixels(0, 1);
    assertEquals(Mnist.PIXELS, pixels.length);
    assertArrayEquals(new float[] {0, 1, 0.2f, 0}, java.util.Arrays.copyOf(pixels, 4));
  }

  @Test
  void filesThatDoNotBelongTogetherAreRefused() {
    Mnist three = mnist(3);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> new Mnist(three.images(), mnist(4).digits()));
    assertEquals(
        "3 images of 784 pixels and 4 digits: MNIST has as many digits as images, of 784 pixels",
        e.getMessage());
  }

  private static Mnist mnist(int n) {
    Random random = new Random(n);
    int[] pixels = random.ints((long) n * Mnist.PIXELS, 0, 256).toArray();
    int[] digits = java.util.stream.IntStream.range(0, n).map(i -> i % 10).toArray();
    return new Mnist(idx(new int[] {n, 28, 28}, pixels), idx(new int[] {n}, digits));
  }

  private static Idx idx(int[] shape, int... numbers) {
    byte[] bytes = new byte[numbers.length];
    for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) numbers[i];
    return new Idx(shape, bytes, 0);
  }
}
