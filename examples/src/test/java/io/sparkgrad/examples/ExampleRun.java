package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An example, run as a user does. */
final class ExampleRun {
  private static final Path OUTPUTS = Path.of("target", "matrix");

  private ExampleRun() {}

  /** What {@code examples/run} with these arguments prints. */
  static String printed(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("./run"));
    command.addAll(List.of(arguments));
    Path output = OUTPUTS.resolve(String.join("_", arguments).replace('/', '-') + ".txt");
    Files.createDirectories(OUTPUTS);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int status = process.waitFor();
    String printed = Files.readString(output);
    assertEquals(0, status, printed);
    return printed;
  }

  /** The first group of the pattern's first match. */
  static String find(String text, String pattern) {
    Matcher m = Pattern.compile(pattern).matcher(text);
    assertTrue(m.find(), text);
    return m.group(1);
  }
}
