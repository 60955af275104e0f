package io.sparkgrad;

/**
 * float16 and bfloat16 as bits in a short. What a float loses on the way is rounded to the nearest,
 * of two as near to the even one; beyond the largest number it is infinite. NaN stays NaN.
 */
final class HalfPrecision {
  private static final short FLOAT16_NAN = 0x7e00;
  private static final short BFLOAT16_NAN = 0x7fc0;

  private HalfPrecision() {}

  /** From an IEEE half: sign, 5 bits of exponent (bias 15), 10 of fraction. */
  static float fromFloat16(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >> 10 & 0x1f;
    int fraction = half & 0x3ff;
    if (exponent == 0) // zero and subnormals: multiples of 2^-24
    return Float.intBitsToFloat(sign | Float.floatToRawIntBits(fraction * 0x1p-24f));
    int wide = exponent == 31 ? 255 : exponent + 112;
    return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
  }

  static short toFloat16(float v) {
    int bits = Float.floatToRawIntBits(v);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) return (short) (sign | FLOAT16_NAN);
    if (magnitude >= 0x477ff000)
      return (short) (sign | 0x7c00); // 65,520 and more round to infinity
    if (magnitude < 0x38800000) // below 2^-14: a multiple of 2^-24; the addition rounds to one
    return (short) (sign | Float.floatToRawIntBits(Math.abs(v) + 0.5f) - 0x3f000000);
    return (short) (sign | roundedUp(magnitude - (112 << 23), 13) >>> 13);
  }

  /** From the upper half of a float. */
  static float fromBFloat16(short upper) {
    return Float.intBitsToFloat(upper << 16);
  }

  static short toBFloat16(float v) {
    if (v != v) return BFLOAT16_NAN;
    return (short) (roundedUp(Float.floatToRawIntBits(v), 16) >>> 16);
  }

  /* So that cutting off the lowest bits rounds to the nearest, and of two as near to the even one. */
  private static int roundedUp(int bits, int cut) {
    return bits + (1 << cut - 1) - 1 + (bits >>> cut & 1);
  }
}
