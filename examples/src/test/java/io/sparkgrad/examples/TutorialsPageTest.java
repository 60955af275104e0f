package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page about the tutorials is true: its code prints what it says. */
class TutorialsPageTest {
  private static final Path PAGE = Path.of("docs/tutorials.md");

  @Test
  void theCodePrintsWhatThePageSays(@TempDir Path out) throws Exception {
    List<Snippet> snippets = Snippet.of(Files.readString(PAGE));
    assertTrue(snippets.size() >= 8, "found " + snippets.size());
    for (int i = 0; i < snippets.size(); i++) {
      String name = "Snippet" + i;
      String source =
          "import io.sparkgrad.*;\nimport io.sparkgrad.autograd.*;\nimport io.sparkgrad.nn.*;\n"
              + "import io.sparkgrad.optim.*;\n"
              + "public class "
              + name
              + " { static void print(Object o) { System.out.println(o); }\n"
              + "public static void main(String[] args) {\n"
              + snippets.get(i).code()
              + "}}\n";
      Snippet.compile(name, source, out);
      assertEquals(snippets.get(i).output(), run(name, out), snippets.get(i).code());
    }
  }

  private static String run(String name, Path classes) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
      loader.loadClass(name).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  @Test
  void itNamesEveryTutorial() throws IOException {
    String page = Files.readString(PAGE);
    for (Examples.Example e : Examples.ALL)
      if (e.main().getSimpleName().endsWith("Tutorial") || e.main() == TwoLayer.class)
        assertTrue(page.contains("examples/run " + e.name()), e.name());
  }
}
