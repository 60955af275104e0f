package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README's program compiles as it stands there; {@link ReadmeIT} runs it. */
class ReadmeTest {
  private static final Pattern TEST = Pattern.compile("`(\\w+)#(\\w+)`");

  @Test
  void theProgramCompiles(@TempDir Path out) throws IOException {
    Snippet.compile("Larger", program(), out);
  }

  @Test
  void itIsAboutThirtyLines() throws IOException {
    assertEquals(35, program().lines().filter(l -> !l.startsWith("import")).count(), 5);
  }

  /** {@link ConsumerIT} runs them, in a program that reads its file's name. */
  @Test
  void theLinesThatServeCompile(@TempDir Path out) throws IOException {
    String lines = Snippet.of(Files.readString(Path.of("../README.md"))).get(1).code();
    String imports =
        "import io.sparkgrad.*; import io.sparkgrad.nn.*; import io.sparkgrad.nn.Module; import java.nio.file.Path;";
    Snippet.compile(
        "Serve", imports + "class Serve { void run() throws Exception {" + lines + "}}", out);
  }

  /** Each row of "What may break" names a test, and it is there. */
  @Test
  void theTestsOfWhatMayBreakAreThere() throws IOException {
    String readme = Files.readString(Path.of("../README.md"));
    String table = readme.split("## What may break\n")[1].split("\n\n")[0];
    List<String> rows = table.lines().skip(2).toList();
    assertTrue(rows.size() > 10, table);
    for (String row : rows) {
      Matcher test = TEST.matcher(row);
      assertTrue(test.find(), row);
      assertTrue(source(test.group(1)).contains("void " + test.group(2) + "("), row);
    }
  }

  private static String source(String test) throws IOException {
    try (Stream<Path> all =
        Stream.of("../spark-integration/src/test", "src/test").flatMap(ReadmeTest::files)) {
      return Files.readString(
          all.filter(f -> f.endsWith(test + ".java")).findFirst().orElseThrow());
    }
  }

  private static Stream<Path> files(String folder) {
    try {
      return Files.walk(Path.of(folder));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String program() throws IOException {
    return Snippet.of(Files.readString(Path.of("../README.md"))).get(0).code();
  }
}
