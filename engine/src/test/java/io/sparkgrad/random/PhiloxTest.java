package io.sparkgrad.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PhiloxTest {
  /* The lines "philox4x32 10" of kat_vectors in the authors' library Random123. */
  @Test
  void scramble_givesTheWordsOfItsAuthors() {
    assertScrambled("6627e8d5 e169c58d bc57ac4c 9b00dbd8", "0 0 0 0", "0 0");
    assertScrambled(
        "408f276d 41c83b0e a20bc7c6 6d5451fd",
        "ffffffff ffffffff ffffffff ffffffff",
        "ffffffff ffffffff");
    assertScrambled(
        "d16cfe09 94fdcceb 5001e420 24126ea1",
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0");
  }

  private static void assertScrambled(String expected, String counter, String key) {
    int[] c = words(counter);
    int[] k = words(key);
    Philox.scramble(c, k[0], k[1]);
    assertArrayEquals(words(expected), c);
  }

  private static int[] words(String hex) {
    return Arrays.stream(hex.split(" ")).mapToInt(w -> Integer.parseUnsignedInt(w, 16)).toArray();
  }

  @Test
  void aRunGoesOnWhereTheLastValueOfTheCounterEnded() {
    Philox philox = new Philox(3);
    float[] whole = new float[12];
    philox.fillUniform(whole, 0, 12);
    assertEquals(3, philox.counter());
    Philox again = new Philox(3);
    float[] parts = new float[12];
    again.fillUniform(parts, 0, 5); // uses up two values of the counter
    again.fillUniform(parts, 8, 4);
    assertArrayEquals(Arrays.copyOf(whole, 5), Arrays.copyOf(parts, 5));
    assertArrayEquals(Arrays.copyOfRange(whole, 8, 12), Arrays.copyOfRange(parts, 8, 12));
    assertEquals(3, again.counter());
  }

  @Test
  void everyBitOfTheSeedCounts() {
    float[] first = new float[4];
    new Philox(0).fillUniform(first, 0, 4);
    for (int bit = 0; bit < 64; bit++) {
      float[] other = new float[4];
      new Philox(1L << bit).fillUniform(other, 0, 4);
      assertNotEquals(first[0], other[0]);
    }
  }

  @Test
  void moments_areThoseOfTheDistributions() {
    int n = 1 << 20;
    float[] f = new float[n];
    double[] d = new double[n];
    Philox philox = new Philox(11);
    philox.fillUniform(f, 0, n);
    philox.fillUniform(d, 0, n);
    assertMoments(widened(f), 0.5, 1 / 12.);
    assertMoments(d, 0.5, 1 / 12.);
    for (double v : d) assertTrue(v >= 0 && v < 1);
    for (float v : f) assertTrue(v >= 0 && v < 1);
    philox.fillNormal(f, 0, n);
    philox.fillNormal(d, 0, n);
    assertNormal(widened(f));
    assertNormal(d);
    philox.fillBernoulli(d, 0, n, 0.3);
    assertMoments(d, 0.3, 0.3 * 0.7);
    long[] whole = new long[n];
    philox.fillInts(whole, 0, n, -2, 5);
    for (int i = 0; i < n; i++) d[i] = whole[i];
    assertMoments(d, 1, 4);
    assertEquals(7, Arrays.stream(whole).distinct().count());
  }

  private static double[] widened(float[] f) {
    double[] d = new double[f.length];
    for (int i = 0; i < d.length; i++) d[i] = f[i];
    return d;
  }

  /* Bounds of five standard errors. */
  private static void assertMoments(double[] a, double mean, double variance) {
    double n = a.length;
    double m = Arrays.stream(a).sum() / n;
    double v = Arrays.stream(a).map(x -> (x - mean) * (x - mean)).sum() / n;
    assertEquals(mean, m, 5 * Math.sqrt(variance / n));
    assertEquals(variance, v, 5 * Math.sqrt(2 * variance * variance / n));
  }

  private static void assertNormal(double[] a) {
    double n = a.length;
    assertMoments(a, 0, 1);
    assertEquals(0, Arrays.stream(a).map(x -> x * x * x).sum() / n, 5 * Math.sqrt(15 / n));
    assertEquals(3, Arrays.stream(a).map(x -> x * x * x * x).sum() / n, 5 * Math.sqrt(96 / n));
    double beyondTwo = Arrays.stream(a).filter(x -> Math.abs(x) > 2).count() / n;
    assertEquals(0.0455003, beyondTwo, 5 * Math.sqrt(0.0455 / n));
    double pairs = 0;
    for (int i = 0; i + 1 < a.length; i++) pairs += a[i] * a[i + 1];
    assertEquals(0, pairs / n, 5 / Math.sqrt(n));
  }

  @Test
  void coinsOfCertainOutcome_areCertain() {
    float[] a = new float[1000];
    new Philox(1).fillBernoulli(a, 0, 1000, 1);
    for (float v : a) assertEquals(1, v);
    new Philox(1).fillBernoulli(a, 0, 1000, 0);
    for (float v : a) assertEquals(0, v);
  }

  @Test
  void wholeNumbersOfAnyRange_stayInIt() {
    long[] a = new long[1000];
    new Philox(1).fillInts(a, 0, 1000, Long.MIN_VALUE, Long.MAX_VALUE);
    assertTrue(Arrays.stream(a).anyMatch(v -> v < 0) && Arrays.stream(a).anyMatch(v -> v > 0));
    long lo = -5;
    new Philox(1).fillInts(a, 0, 1000, lo, lo + 1);
    for (long v : a) assertEquals(lo, v);
  }

  @Test
  void logarithms_areWithinTwoUlp() {
    Random random = new Random(5);
    for (int i = 0; i < 1_000_000; i++) {
      float f = Math.scalb(1 + random.nextFloat(), -1 - i % 33);
      assertEquals(Math.log(f), Philox.log(f), 2 * Math.ulp((float) Math.log(f)));
      double d = Math.scalb(1 + random.nextDouble(), -1 - i % 54);
      assertEquals(Math.log(d), Philox.log(d), 2 * Math.ulp(Math.log(d)));
    }
    assertEquals(0, Philox.log(1f));
    assertEquals(0, Philox.log(1.));
  }

  @Test
  void normals_areBoxAndMullers() {
    Random random = new Random(6);
    float[] f = new float[2];
    double[] d = new double[2];
    double[] c = new double[2];
    for (int i = 0; i < 200_000; i++) {
      int a = random.nextInt();
      int b = random.nextInt();
      Philox.normals(a, b, f, 0);
      float u = Math.fma((float) Integer.toUnsignedLong(a), 0x1p-32f, 0x1p-33f);
      boxMuller(u, Integer.toUnsignedLong(b) >>> 30, (b << 2 >>> 2) * 0x1p-30, c);
      for (int k = 0; k < 2; k++) assertEquals(c[k], f[k], 5 * Math.ulp((float) c[k]));
      long wideA = random.nextLong();
      long wideB = random.nextLong();
      Philox.normals(wideA, wideB, d);
      boxMuller(
          Math.fma(wideA >>> 11, 0x1p-53, 0x1p-54), wideB >>> 62, (wideB << 2 >>> 2) * 0x1p-62, c);
      for (int k = 0; k < 2; k++) assertEquals(c[k], d[k], 6 * Math.ulp(c[k]) + 1e-15);
    }
    Philox.normals(0, 0, f, 0);
    assertEquals(6.76, f[0], 0.01);
    Philox.normals(0L, 0L, d);
    assertEquals(8.65, d[0], 0.01);
  }

  /* The angle is (quadrant + part) quarters of a turn, part in [0, 1). */
  private static void boxMuller(double u, long quadrant, double part, double[] out) {
    double radius = Math.sqrt(-2 * Math.log(u));
    double x = Math.PI / 2 * part;
    double cos = part <= 0.5 ? Math.cos(x) : Math.sin(Math.PI / 2 * (1 - part));
    double sin = Math.sin(x);
    out[0] = radius * (quadrant == 0 ? cos : quadrant == 1 ? -sin : quadrant == 2 ? -cos : sin);
    out[1] = radius * (quadrant == 0 ? sin : quadrant == 1 ? cos : quadrant == 2 ? -sin : -cos);
  }

  @Test
  void aGeneratorCarriesTheStateOfItsGpus() throws Exception {
    Generator g = new Generator(5);
    Generator before = g.copy();
    g.onGpu(1).take(10, Philox.NARROW);
    assertTrue(!g.sameState(before));
    assertTrue(g.sameState(g.copy()));
    assertTrue(g.sameState(sent(g)));
    assertEquals(3, sent(g).onGpu(1).counter());
    assertEquals(0, g.onGpu(0).counter());
    Generator copy = g.copy();
    g.onGpu(1).take(1, Philox.NARROW);
    assertEquals(3, copy.onGpu(1).counter());
    assertEquals(0, g.manualSeed(6).onGpu(1).counter());
    assertEquals(6, g.onGpu(1).seed());
    assertEquals(Generator.mix(1, 2, 3), Generator.of(1, 2, 3).onGpu(0).seed());
  }

  private static Generator sent(Generator g) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(g);
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (Generator) in.readObject();
    }
  }
}
