package io.sparkgrad.op.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Special functions, to the last bits. */
class SpecialTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0.0, 1.0",
    "1e-10, 1.1283791670955126e-10, 0.999999999887162",
    "0.3, 0.3286267594591274, 0.6713732405408726",
    "0.84375, 0.7672256612323416, 0.23277433876765835",
    "1, 0.8427007929497149, 0.15729920705028513",
    "1.25, 0.9229001282564582, 0.07709987174354177",
    "2, 0.9953222650189527, 0.004677734981047265",
    "2.857142857142857, 0.9999466876886117, 5.331231138832279e-05",
    "3, 0.9999779095030014, 2.2090496998585438e-05",
    "5.5, 0.9999999999999927, 7.357847917974398e-15"
  })
  void errorFunctionsAreExact(double x, double erf, double erfc) {
    assertEquals(erf, Special.erf(x), 4 * Math.ulp(erf));
    assertEquals(-erf, Special.erf(-x), 4 * Math.ulp(erf));
    assertEquals(erfc, Special.erfc(x), 4 * Math.ulp(erfc));
  }

  @Test
  void errorFunctionsHaveLimits() {
    assertEquals(0, Special.erfc(Double.POSITIVE_INFINITY));
    assertEquals(-1, Special.erf(Double.NEGATIVE_INFINITY));
    assertEquals(Double.NaN, Special.erf(Double.NaN));
    assertEquals(Double.NaN, Special.erfc(Double.NaN));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-300, 0.3, 0.5, 0.9, 0.999999, 1 - 0x1p-53})
  void theInverseOfErfIsExact(double x) {
    assertEquals(x, Special.erf(Special.erfinv(x)), 2 * Math.ulp(x));
  }

  @Test
  void theInverseOfErfIsExactNearOneToo() {
    double edge = Special.erfinv(1 - 0x1p-53);
    assertEquals(0x1p-53, Special.erfc(edge), 1e-13 * 0x1p-53);
    assertEquals(Double.POSITIVE_INFINITY, Special.erfinv(1));
    assertEquals(Double.NaN, Special.erfinv(1.5));
  }
}
