package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MemoryTest {
  private static final Pattern BYTES =
      Pattern.compile("(?m) ([\\d,]+) +([\\d,]+) +([\\d,]+) +0\\.\\d+$");

  /* In a JVM that has just started small objects are more: so many steps until the code is compiled. */
  @Test
  void aStepInAScopeAllocatesNextToNothing() {
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      Memory.main(new String[] {"--steps", "600"});
    } finally {
      System.setOut(out);
    }
    String text = printed.toString(StandardCharsets.UTF_8);
    List<MatchResult> nets = BYTES.matcher(text).results().toList();
    assertEquals(2, nets.size(), text);
    for (MatchResult net : nets) {
      long without = bytes(net, 1);
      assertTrue(bytes(net, 2) < without, text); // backward alone
      assertTrue(bytes(net, 3) < 0.1 * without, text);
    }
  }

  private static long bytes(MatchResult net, int column) {
    return Long.parseLong(net.group(column).replace(",", ""));
  }
}
