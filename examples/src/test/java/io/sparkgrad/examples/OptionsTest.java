package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class OptionsTest {
  @Test
  void gettersReadPairsFlagsAndDefaults() {
    Options options =
        Options.of("--twice", "--workers", "4", "--rate=0.5", "--shift", "-1", "--name", "a=b");
    assertTrue(options.flag("twice"));
    assertFalse(options.flag("quiet"));
    assertEquals(4, options.integer("workers", 0));
    assertEquals(40, options.integer("epochs", 40));
    assertEquals(0.5, options.number("rate", 0.1));
    assertEquals(-1, options.integer("shift", 0));
    assertEquals("a=b", options.string("name", ""));
    assertDoesNotThrow(options::rejectUnknown);
  }

  @Test
  void flagTakesTrueAndFalse() {
    assertFalse(Options.of("--twice", "false").flag("twice"));
    says("--twice needs true or false, got '4'", () -> Options.of("--twice", "4").flag("twice"));
  }

  @Test
  void unknownOptionIsNamedWithTheKnownOnes() {
    Options options = Options.of("--wrokers", "4");
    options.integer("workers", 0);
    options.integer("epochs", 40);
    says(
        "unknown option --wrokers; this example knows --epochs, --workers", options::rejectUnknown);
    says("unknown option --x; this example has none", Options.of("--x")::rejectUnknown);
  }

  @Test
  void wrongArgumentsSayWhatIsWanted() {
    says("expected --option value, got 4", () -> Options.of("--workers", "2", "4"));
    says("--a is given twice", () -> Options.of("--a", "1", "--a", "2"));
    says(
        "--workers needs a whole number, got 'two'",
        () -> Options.of("--workers", "two").integer("workers", 0));
    says(
        "--workers needs a whole number, got ''",
        () -> Options.of("--workers").integer("workers", 0));
  }

  private static void says(String message, Executable call) {
    assertEquals(message, assertThrows(Options.Wrong.class, call).getMessage());
  }
}
