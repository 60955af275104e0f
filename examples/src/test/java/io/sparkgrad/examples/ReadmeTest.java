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

  static String program() throws IOException {
    return Snippet.of(Files.readString(Path.of("../README.md"))).get(0).code();
  }
}
