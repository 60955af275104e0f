package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
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
    String code = block(Files.readString(Path.of("../README.md")));
    int body = code.indexOf("\n\n") + 1; // after the imports
    String source = code.substring(0, body) + BEFORE + code.substring(body) + "}}\n";
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<String> options =
        List.of("-d", out.toString(), "-proc:none", "-cp", System.getProperty("java.class.path"));
    boolean compiled =
        compiler.getTask(messages, null, null, options, null, List.of(file(source))).call();
    assertTrue(compiled, messages::toString);
  }

  @Test
  void itIsAboutThirtyLines() throws IOException {
    long lines = block(Files.readString(Path.of("../README.md"))).lines().count();
    assertEquals(35, lines, 5);
  }

  private static String block(String readme) {
    int start = readme.indexOf("```java\n") + "```java\n".length();
    return readme.substring(start, readme.indexOf("```", start));
  }

  private static JavaFileObject file(String source) {
    return new SimpleJavaFileObject(
        URI.create("string:///Readme.java"), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return source;
      }
    };
  }
}
