package io.sparkgrad.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page's program compiles as it stands there. */
class SparkMlPageTest {
  @Test
  void theProgramCompiles(@TempDir Path out) throws IOException {
    String lines = Snippet.of(Files.readString(Path.of("docs/spark-ml.md"))).get(0).code();
    String imports =
        "import io.sparkgrad.cluster.ml.*; import org.apache.spark.ml.*; import org.apache.spark.ml.evaluation.*; import org.apache.spark.sql.*;";
    Snippet.compile(
        "Fit",
        imports
            + "class Fit { void run(Dataset<Row> train, Dataset<Row> test) throws Exception {"
            + lines
            + "}}",
        out);
  }
}
