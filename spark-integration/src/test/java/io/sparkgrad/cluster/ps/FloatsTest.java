package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class FloatsTest {
  private static Floats numbers(int from, int n, long seed) {
    float[] all = new float[from + n + 3];
    Random random = new Random(seed);
    for (int i = 0; i < all.length; i++) all[i] = (float) random.nextGaussian();
    return new Floats(all, from, n);
  }

  @Property(tries = 100)
  void sumsAndQuotientsHaveTheBitsOfAPlainLoopWhereverTheNumbersLie(
      @ForAll @IntRange(max = 3) int from,
      @ForAll @IntRange(max = 3) int otherFrom,
      @ForAll @IntRange(max = 5000) int n,
      @ForAll long seed) {
    Floats sum = numbers(from, n, seed);
    Floats other = numbers(otherFrom, n, ~seed);
    double by = 1 + Math.abs(new Random(seed).nextInt(1000)) / 3.0;
    float[] expected = sum.array().clone();
    for (int i = 0; i < n; i++) {
      expected[from + i] += other.array()[otherFrom + i];
      expected[from + i] = (float) (expected[from + i] / by);
    }
    sum.add(other);
    sum.divide(by);
    assertEquals(Floats.of(expected), Floats.of(sum.array())); // and nothing beside them changed
  }

  @Property(tries = 100)
  void oneNumberThatIsNotFiniteIsFoundWhereverItLies(
      @ForAll @IntRange(max = 3) int from,
      @ForAll @IntRange(min = 1, max = 5000) int n,
      @ForAll long seed) {
    Floats f = numbers(from, n, seed);
    f.array()[from + n] = Float.NaN; // not one of them
    f.array()[from + n - 1] = Float.MAX_VALUE;
    assertTrue(f.areFinite());
    Random random = new Random(seed);
    float bad =
        new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}
            [random.nextInt(3)];
    f.array()[from + random.nextInt(n)] = bad;
    assertFalse(f.areFinite());
  }
}
