package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReprTest {
  @ParameterizedTest
  @CsvSource({
    "1605472.625, 1605472.625",
    "9.982420306187123E-5, 9.982420306187123e-05",
    "1E16, 1e+16",
    "9007199254740993, 9007199254740992.0",
    "123456789012345680, 1.2345678901234568e+17",
    "0.1, 0.1",
    "5.684341886080802E-14, 5.684341886080802e-14",
    "1E-4, 0.0001",
    "9.9E-5, 9.9e-05",
    "100, 100.0",
    "NaN, nan",
    "Infinity, inf",
    "-Infinity, -inf",
    "-0.0, -0.0",
    "2E23, 2e+23",
    "1E-310, 1e-310",
    "4.9E-324, 5e-324"
  })
  void asPythonPrintsIt(double value, String text) {
    assertEquals(text, Repr.of(value));
  }

  @Property
  void itReadsBackAsTheSameNumber(@ForAll double value) {
    assertEquals(value, Double.parseDouble(Repr.of(value)));
  }
}
