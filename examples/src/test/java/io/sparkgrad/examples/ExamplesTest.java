package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ExamplesTest {
  @Test
  void eachExampleHasAMainAndALine() {
    for (Examples.Example example : Examples.ALL) {
      assertDoesNotThrow(() -> example.main().getMethod("main", String[].class), example.name());
      assertTrue(Examples.list().contains("  " + example.name() + " "), example.name());
    }
    assertEquals(
        Examples.ALL.size(), Examples.ALL.stream().map(Examples.Example::name).distinct().count());
  }

  @Test
  void mistypedNameFindsItsNeighbour() {
    assertEquals("spark-info", Examples.nearest("sparkinfo").name());
    assertEquals(0, Examples.distance("digits", "digits"));
    assertEquals(1, Examples.distance("digts", "digits"));
    assertEquals(6, Examples.distance("", "digits"));
    assertEquals(3, Examples.distance("kitten", "sitting"));
  }
}
