package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class DigitsTest {
  @Test
  void fileIsComplete() {
    List<Digits.Image> images = Digits.images();
    int[] perDigit = new int[10];
    for (Digits.Image image : images) perDigit[image.digit()]++;

    assertEquals(1797, images.size());
    assertEquals(1796, images.get(1796).row());
    assertArrayEquals(new int[] {178, 182, 177, 183, 181, 182, 181, 179, 174, 180}, perDigit);
  }

  @Test
  void pixelsAreScaledToOne() {
    float[] pixels = Digits.images().get(0).pixels();
    assertEquals(64, pixels.length);
    assertArrayEquals(
        new float[] {0, 0, 5 / 16f, 13 / 16f, 9 / 16f, 1 / 16f, 0, 0},
        java.util.Arrays.copyOf(pixels, 8));

    float least = 1;
    float most = 0;
    for (Digits.Image image : Digits.images())
      for (float pixel : image.pixels()) {
        least = Math.min(least, pixel);
        most = Math.max(most, pixel);
      }
    assertEquals(0f, least);
    assertEquals(1f, most);
  }
}
