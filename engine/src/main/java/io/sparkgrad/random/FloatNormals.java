package io.sparkgrad.random;

/**
 * The logarithm, sine and cosine with which PyTorch makes float32 normals, 16 at a time.
 *
 * <p>PyTorch does not call libm here but Cephes' single-precision polynomials in their eight-lane
 * form (avx_mathfun), and its compiler fuses each product whose only use is a sum. So the places of
 * {@code fma} below are part of the result: without them one number in a hundred differs in its
 * last bit. {@link Math#fma} is exact on every JVM; processors without the instruction are slow
 * here, not different.
 */
final class FloatNormals {
  private FloatNormals() {}

  private static final float TWO_PI = (float) (2 * Math.PI);

  /**
   * Box-Muller in place: the uniforms {@code a[at+j]} and {@code a[at+j+8]} become two normals, j =
   * 0..7.
   */
  static void block(float[] a, int at, float mean, float std) {
    for (int j = at; j < at + 8; j++) {
      float radius = (float) Math.sqrt(-2f * log(1f - a[j])); // [0, 1) -> (0, 1] for the logarithm
      float theta = TWO_PI * a[j + 8];
      int octant = (int) (theta * 1.27323954473516f) + 1 & ~1; // 4 / pi
      float x = reduce(theta, octant);
      float z = x * x;
      float sine = sine(x, z);
      float cosine = cosine(z);
      boolean swap = (octant & 2) != 0;
      float s = swap ? cosine : sine;
      float c = swap ? sine : cosine;
      if ((octant & 4) != 0) s = -s;
      if ((octant - 2 & 4) == 0) c = -c;
      a[j] = Math.fma(radius * c, std, mean);
      a[j + 8] = Math.fma(radius * s, std, mean);
    }
  }

  /** The natural logarithm of a normal positive number: x = m 2^e with m in [sqrt(1/2), sqrt 2). */
  private static float log(float x) {
    int bits = Float.floatToRawIntBits(x);
    float e = (bits >>> 23) - 126;
    float m = Float.intBitsToFloat((bits & 0x007f_ffff) | 0x3f00_0000); // [0.5, 1)
    if (m < 0.707106781186547524f) {
      e -= 1;
      m = m - 1 + m;
    } else {
      m -= 1;
    }
    float z = m * m;
    float y = 7.0376836292E-2f;
    y = Math.fma(y, m, -1.1514610310E-1f);
    y = Math.fma(y, m, 1.1676998740E-1f);
    y = Math.fma(y, m, -1.2420140846E-1f);
    y = Math.fma(y, m, 1.4249322787E-1f);
    y = Math.fma(y, m, -1.6668057665E-1f);
    y = Math.fma(y, m, 2.0000714765E-1f);
    y = Math.fma(y, m, -2.4999993993E-1f);
    y = Math.fma(y, m, 3.3333331174E-1f);
    y = Math.fma(y * m, z, e * -2.12194440E-4f); // log 2 in two parts, this and the one below
    y = Math.fma(-0.5f, z, y);
    return Math.fma(e, 0.693359375f, m + y);
  }

  /** theta - octant pi/4, with pi/4 in three parts so that nothing is lost by cancellation. */
  private static float reduce(float theta, int octant) {
    float x = Math.fma(octant, -0.78515625f, theta);
    x = Math.fma(octant, -2.4187564849853515625E-4f, x);
    return Math.fma(octant, -3.77489497744594108E-8f, x);
  }

  private static float sine(float x, float z) {
    float y = Math.fma(-1.9515295891E-4f, z, 8.3321608736E-3f);
    y = Math.fma(y, z, -1.6666654611E-1f);
    return Math.fma(y * z, x, x);
  }

  private static float cosine(float z) {
    float y = Math.fma(2.443315711809948E-5f, z, -1.388731625493765E-3f);
    y = Math.fma(y, z, 4.166664568298827E-2f);
    return Math.fma(y * z, z, -0.5f * z) + 1f;
  }
}
