package io.sparkgrad.tutorials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.function.Executable;

/** What the tutorials' tests share: a cell prints, or fails. */
final class Cells {
  private Cells() {}

  /** {@code print(value)} shows this text. */
  static void prints(String text, Object value) {
    assertEquals(text, String.valueOf(value));
  }

  static void fails(String start, Executable cell) {
    String text = assertThrows(RuntimeException.class, cell).getMessage();
    assertTrue(text.startsWith(start), text);
  }

  /** What the cell writes to the log. */
  static String warning(Runnable cell) {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      cell.run();
    } finally {
      System.setErr(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
