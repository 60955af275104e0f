package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class AutogradTutorialTest {
  @Test
  void printsWhatPyTorchPrints() throws IOException {
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      AutogradTutorial.main(new String[0]);
    } finally {
      System.setOut(out);
    }
    try (InputStream expected = getClass().getResourceAsStream("/autograd-tutorial.txt")) {
      assertEquals(
          new String(expected.readAllBytes(), StandardCharsets.UTF_8),
          printed.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n"));
    }
  }

  /** What is quoted is what runs. */
  @Test
  void quotedStatementsAreTheOnesThatRan() throws IOException {
    String source =
        Files.readString(Path.of("src/main/java/io/sparkgrad/examples/AutogradTutorial.java"))
            .replaceAll("(?s)// ---- printing.*", "")
            .replaceAll("\\s", "");
    int quoted = 0;
    quoted += check(source, "([^;{}]*;)code\\(\"([^\"]*)\"\\);");
    quoted += check(source, "show\\(\"([^\"]*)\",(.*?)\\);(?=[a-zA-Z}])");
    quoted += check(source, "fails\\(\"([^\"]*);\",\\(\\)->(.*?)\\);(?=[a-zA-Z}])");
    assertEquals(count(source, "code\\(|show\\(|fails\\("), quoted);
    assertTrue(quoted > 50, "found " + quoted);
  }

  private static int check(String source, String pairs) {
    Matcher pair = Pattern.compile(pairs).matcher(source);
    int n = 0;
    for (; pair.find(); n++) assertEquals(pair.group(1), pair.group(2));
    return n;
  }

  private static int count(String source, String pattern) {
    return (int) Pattern.compile(pattern).matcher(source).results().count();
  }
}
