package io.sparkgrad;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;

/**
 * Numbers as Python prints them, for programs whose output is held against PyTorch's: {@code
 * 9.982420306187123e-05}, where Java prints {@code 9.982420306187123E-5}.
 */
public final class Repr {
  private Repr() {}

  /** Python's {@code repr}: the fewest digits that give the same number again. */
  public static String of(double value) {
    if (Double.isNaN(value)) return "nan";
    if (Double.isInfinite(value)) return value > 0 ? "inf" : "-inf";
    String sign = Math.copySign(1, value) < 0 ? "-" : "";
    return sign + (value == 0 ? "0.0" : positive(Math.abs(value)));
  }

  private static String positive(double value) {
    BigDecimal shortest = shortest(value);
    int exponent = shortest.precision() - shortest.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = shortest.toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    String digits = shortest.unscaledValue().toString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    return mantissa
        + (exponent < 0 ? "e-" : "e+")
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }

  /* Java 17's Double.toString gives a digit too many now and then. At a power of two the nearest decimal of so many
   * digits may read back as another number while its neighbour does not. */
  private static BigDecimal shortest(double value) {
    BigDecimal exact = new BigDecimal(value);
    for (int digits = 1; ; digits++) {
      for (RoundingMode mode :
          List.of(RoundingMode.HALF_EVEN, RoundingMode.UP, RoundingMode.DOWN)) {
        BigDecimal rounded = exact.round(new MathContext(digits, mode));
        if (rounded.doubleValue() == value) return rounded.stripTrailingZeros();
      }
    }
  }
}
