package io.sparkgrad.backend.cpu;

/**
 * Functions of a float, within 3 units in the last place, of additions, products, fma and moves of
 * bits only: their bits are the same on every JVM, interpreted, compiled, or in the lanes of a
 * vector, whose loops take the constants from here.
 */
public final class FloatMath {
  /** e^x is infinite above. */
  public static final float MOST = 89;

  /** e^x is 0 below. */
  public static final float LEAST = -104;

  /** |tanh| is 1 from here on, and its e^2x far from overflow. */
  public static final float TANH_MOST = 10;

  public static final float LOG2_E = 1.44269504f;

  /** ln 2 in two parts: a multiple of the first is exact. */
  public static final float LN2_HIGH = 0.693359375f;

  public static final float LN2_LOW = -2.12194440e-4f;

  /** Added to a small float it leaves the nearest integer in the last bits. */
  public static final float ROUND = 0x1.8p23f;

  public static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);

  /* e^t - 1 - t = t²·P(t) for |t| <= ln 2 / 2; Moshier's Cephes library, expf. */
  public static final float P5 = 1.9875691500e-4f;
  public static final float P4 = 1.3981999507e-3f;
  public static final float P3 = 8.3334519073e-3f;
  public static final float P2 = 4.1665795894e-2f;
  public static final float P1 = 1.6666665459e-1f;
  public static final float P0 = 5.0000001201e-1f;

  private FloatMath() {}

  /** e^x = 2^n·e^t, n the integer next to x/ln 2; 2^n in two factors, for the ends of the range. */
  public static float exp(float x) {
    x = x > MOST ? MOST : x;
    x = x < LEAST ? LEAST : x;
    float z = Math.fma(x, LOG2_E, ROUND);
    int n = Float.floatToRawIntBits(z) - ROUND_BITS;
    int half = n >> 1;
    float e = expm1(remainder(x, z)) + 1;
    return e * power(half) * power(n - half);
  }

  /** 1/(1 + e^-x). */
  public static float sigmoid(float x) {
    return 1 / (1 + exp(-x));
  }

  /** m/(m + 2), m = e^2|x| - 1, with x's sign: right to the last places at 0, too. */
  public static float tanh(float x) {
    float a = 2 * Math.abs(x);
    a = a > 2 * TANH_MOST ? 2 * TANH_MOST : a;
    float z = Math.fma(a, LOG2_E, ROUND);
    float s = power(Float.floatToRawIntBits(z) - ROUND_BITS);
    float m = Math.fma(s, expm1(remainder(a, z)), s - 1);
    return Math.copySign(m / (m + 2), x);
  }

  private static float remainder(float x, float z) {
    float n = z - ROUND;
    return Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
  }

  /* e^t - 1 for |t| <= ln 2 / 2. */
  private static float expm1(float t) {
    float p = Math.fma(P5, t, P4);
    p = Math.fma(p, t, P3);
    p = Math.fma(p, t, P2);
    p = Math.fma(p, t, P1);
    p = Math.fma(p, t, P0);
    return Math.fma(p, t * t, t);
  }

  /* 2^n for -127 < n < 128. */
  private static float power(int n) {
    return Float.intBitsToFloat(n + 127 << 23);
  }
}
