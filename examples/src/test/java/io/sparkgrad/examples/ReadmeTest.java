package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README's code compiles as it stands there, given the data that it names. */
class ReadmeTest {
  private static final String BEFORE =
      "class Readme { static void run(io.sparkgrad.Tensor images, io.sparkgrad.Tensor digits,"
          + " org.apache.spark.sql.Dataset<org.apache.spark.sql.Row> train,"
          + " org.apache.spark.sql.Dataset<org.apache.spark.sql.Row> test) {\n";

  @Test
  void theCodeCompiles(@TempDir Path out) throws IOException {
    String code = code();
    int body = code.indexOf("\n\n") + 1; // after the imports
    String source = code.substring(0, body) + BEFORE + code.substring(body) + "}}\n";
    Snippet.compile("Readme", source, out);
  }

  @Test
  void itIsAboutThirtyLines() throws IOException {
    assertEquals(35, code().lines().count(), 5);
  }

  private static String code() throws IOException {
    return Snippet.of(Files.readString(Path.of("../README.md"))).get(0).code();
  }
}
