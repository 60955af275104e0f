package io.sparkgrad.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.Goldens;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every seed of rng.json, bit for bit. */
class GoldenRandomTest {
  static Stream<JsonNode> seeds() {
    return StreamSupport.stream(Goldens.read("rng.json").get("cases").spliterator(), false);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void uniforms(JsonNode c) {
    float[] f = new float[8];
    seeded(c).fillUniform(f, 0, 8);
    assertArrayEquals(Goldens.floats(c.get("rand_8")), f);
    double[] d = new double[8];
    seeded(c).fillUniform(d, 0, 8);
    assertArrayEquals(Goldens.doubles(c.get("rand_8_float64")), d);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void floatNormals(JsonNode c) {
    for (int n : new int[] {4, 16, 37}) {
      float[] a = new float[n];
      seeded(c).fillNormal(a, 0, n);
      assertArrayEquals(Goldens.floats(c.get("randn_" + n)), a);
    }
  }

  /* HotSpot's and the C library's log, sin and cos round a few arguments differently. */
  @ParameterizedTest
  @MethodSource("seeds")
  void doubleNormals_withinUlps(JsonNode c) {
    double[] expected = Goldens.doubles(c.get("randn_5_float64"));
    double[] a = new double[5];
    seeded(c).fillNormal(a, 0, 5);
    for (int i = 0; i < 5; i++) {
      double ulps = Math.abs(a[i] - expected[i]) / Math.ulp(expected[i]);
      assertTrue(ulps <= 3, "expected " + expected[i] + ", got " + a[i] + ", " + ulps + " ulp");
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void wholeNumbers(JsonNode c) {
    long[] ints = new long[8];
    seeded(c).fillInts(ints, 0, 8, 0, 10);
    assertArrayEquals(Goldens.longs(c.get("randint_10_8")), ints);
    long[] permuted = Goldens.longs(c.get("randperm_12"));
    for (int i = 0; i < 12; i++) permuted[i] -= seeded(c).permutation(12)[i];
    assertArrayEquals(new long[12], permuted);
    float[] coins = new float[10];
    seeded(c).fillBernoulli(coins, 0, 10, 0.3);
    assertArrayEquals(Goldens.floats(c.get("bernoulli_0.3_10")), coins);
  }

  /** The draws behind layers' first weights: bounds are computed in double, numbers in float. */
  @ParameterizedTest
  @MethodSource("seeds")
  void initialWeights(JsonNode c) {
    assertUniform(c, "linear_4_3_weight", 1 / Math.sqrt(4));
    assertUniform(c, "conv2d_2_3_3_weight", 1 / Math.sqrt(2 * 3 * 3));
    assertUniform(c, "xavier_uniform_3_4", Math.sqrt(6.0 / (3 + 4)));
    assertNormal(c, "embedding_4_3_weight", 1);
    assertNormal(c, "kaiming_normal_3_4", Math.sqrt(2.0 / 4));
  }

  private static void assertUniform(JsonNode c, String name, double bound) {
    float[] expected = Goldens.floats(c.get(name));
    float[] a = new float[expected.length];
    seeded(c).fillUniform(a, 0, a.length, (float) -bound, (float) bound);
    assertArrayEquals(expected, a, name);
  }

  private static void assertNormal(JsonNode c, String name, double std) {
    float[] expected = Goldens.floats(c.get(name));
    float[] a = new float[expected.length];
    seeded(c).fillNormal(a, 0, a.length, 0, std);
    assertArrayEquals(expected, a, name);
  }

  private static Generator seeded(JsonNode c) {
    return new Generator().manualSeed(c.get("manual_seed").longValue());
  }
}
