package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README's program compiles as it stands there; {@link ReadmeIT} runs it. */
class ReadmeTest {
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

  static String program() throws IOException {
    return Snippet.of(Files.readString(Path.of("../README.md"))).get(0).code();
  }
}
