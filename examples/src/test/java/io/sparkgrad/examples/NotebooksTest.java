package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The notes for Zeppelin, and their cells for spark-shell. {@code CellsIT} runs them. */
class NotebooksTest {
  private static final Path FOLDER = Path.of("notebooks");

  /** The Scala paragraphs of a note. */
  static List<String> cells(String name) throws IOException {
    List<String> cells = new ArrayList<>();
    for (String text : paragraphs(name))
      if (text.startsWith("%spark\n")) cells.add(text.substring("%spark\n".length()));
    return cells;
  }

  private static List<String> paragraphs(String name) throws IOException {
    JsonNode note = new ObjectMapper().readTree(FOLDER.resolve(name + ".zpln").toFile());
    List<String> texts = new ArrayList<>();
    note.get("paragraphs").forEach(p -> texts.add(p.get("text").asText()));
    return texts;
  }

  @ParameterizedTest
  @ValueSource(strings = {"autograd", "train"})
  void theShellsCellsAreTheNotes(String name) throws IOException {
    List<String> shell =
        Stream.of(Files.readString(FOLDER.resolve(name + ".scala")).split("(?m)^// %%.*\\R"))
            .skip(1)
            .map(String::strip)
            .toList();
    List<String> notes =
        cells(name).stream()
            .map(c -> c.replaceAll("(?m)^z\\.show\\((.*)\\)$", "$1.show()")) // z is Zeppelin's
            .toList();
    assertEquals(notes, shell);
  }

  @ParameterizedTest
  @ValueSource(strings = {"autograd", "train"})
  void aNoteBeginsWithSparksSettingsAndTheOneImportLine(String name) throws IOException {
    assertTrue(paragraphs(name).get(0).startsWith("%spark.conf\n"));
    String line = cells(name).get(0);
    assertTrue(line.startsWith("import io.sparkgrad.{Tensor"), line);
    for (String page :
        List.of("docs/notebooks.md", "../README.md", "../cluster-config/zeppelin/README.md"))
      assertTrue(Files.readString(Path.of(page)).contains("\n" + line + "\n"), page);
  }
}
