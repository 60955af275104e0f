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
    return printed(null, arguments);
  }

  /** As {@link #printed}; once it has printed the pattern, one of its executors is killed. */
  static String printedWithALossAfter(String pattern, String... arguments) throws Exception {
    return printed(Pattern.compile(pattern), arguments);
  }

  private static String printed(Pattern loss, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("./run"));
    command.addAll(List.of(arguments));
    Path output = OUTPUTS.resolve(String.join("_", arguments).replace('/', '-') + ".txt");
    Files.createDirectories(OUTPUTS);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (loss != null) killAfter(loss, process, output);
    int status = process.waitFor();
    String printed = Files.readString(output);
    assertEquals(0, status, printed);
    return printed;
  }

  private static void killAfter(Pattern loss, Process process, Path output) throws Exception {
    while (!loss.matcher(Files.readString(output)).find()) {
      assertTrue(process.isAlive(), Files.readString(output));
      Thread.sleep(100);
    }
    process
        .descendants()
        .filter(p -> isJava(p) && p.parent().filter(ExampleRun::isJava).isPresent())
        .findFirst()
        .orElseThrow()
        .destroyForcibly();
  }

  private static boolean isJava(ProcessHandle process) {
    return process.info().command().orElse("").endsWith("java");
  }

  /** The first group of the pattern's first match. */
  static String find(String text, String pattern) {
    Matcher m = Pattern.compile(pattern).matcher(text);
    assertTrue(m.find(), text);
    return m.group(1);
  }
}
