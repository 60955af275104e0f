package io.sparkgrad.backend.cpu;

/**
 * Functions of a float, within 3 units in the last place, of additions, products, fma and moves of
 * bits only: their bits are the same on every JVM, interpreted, compiled, or in the lanes of a
 * vector, whose loops take the constants from here.
 */
public final class FloatMath {
  /** e^x is infinite above. */
  public static final float MOST = 89;

  /** e^x, less than 2.5e-38, is 0 below. */
  public static final float LEAST = -86.6f;

  /** |tanh| is 1 from here on, and its e^2x far from overflow. */
  public static final float TANH_MOST = 10;

  public static final float LOG2_E = 1.44269504f;

  /** ln 2 in two parts: a multiple of the first is exact. */
  public static final float LN2_HIGH = 0.693359375f;

  public static final float LN2_LOW = -2.12194440e-4f;

  /** Added to a small float n it leaves, in the last bits, the exponent of 2^(n - 1). */
  public static final float ROUND = 0x1.8p23f + 126;

  /** The bits of the exponent lie so far up. */
  public static final int EXPONENT = 23;

  /* e^t - 1 - t = t²·P(t) for |t| <= ln 2 / 2. */
  public static final float P4 = 0x1.6b7338p-10f;
  public static final float P3 = 0x1.12278Ep-7f;
  public static final float P2 = 0x1.555716p-5f;
  public static final float P1 = 0x1.5554B0p-3f;
  public static final float P0 = 0x1.FFFFFEp-2f;

  private FloatMath() {}

  /** e^x = 2^(n-1)·2e^t, n the integer next to x/ln 2: so n may be 128, too. */
  public static float exp(float x) {
    float c = x > MOST ? MOST : x;
    float z = Math.fma(c, LOG2_E, ROUND);
    float e = Math.fma(expm1(remainder(c, z)), 2, 2);
    return x < LEAST ? 0 : e * power(z);
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
    float s = 2 * power(z);
    float m = Math.fma(s, expm1(remainder(a, z)), s - 1);
    return Math.copySign(m / (m + 2), x);
  }

  private static float remainder(float x, float z) {
    float n = z - ROUND;
    return Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
  }

  /* e^t - 1 for |t| <= ln 2 / 2. */
  private static float expm1(float t) {
    float p = Math.fma(P4, t, P3);
    p = Math.fma(p, t, P2);
    p = Math.fma(p, t, P1);
    p = Math.fma(p, t, P0);
    return Math.fma(p, t * t, t);
  }

  /* 2^(n - 1) of z = n + ROUND. */
  private static float power(float z) {
    return Float.intBitsToFloat(Float.floatToRawIntBits(z) << EXPONENT);
  }
}
