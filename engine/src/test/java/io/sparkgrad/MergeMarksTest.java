package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a merge leaves behind compiles where it stands in a comment, and a formatter even wraps it.
 */
class MergeMarksTest {
  private static final Pattern MARK = Pattern.compile("[<>]{7} \\w");
  private static final Pattern READ = Pattern.compile(".*\\.(java|md|xml|py|sh|scala|zpln|cuh|cu)");

  @Test
  void noFileHasMarksOfAMerge() throws IOException {
    List<String> marked = new ArrayList<>();
    int read = 0;
    for (String folder :
        List.of("engine", "spark-integration", "examples", "cluster-config", ".")) {
      int depth = folder.equals(".") ? 1 : Integer.MAX_VALUE;
      for (Path file : files(Path.of("..", folder), depth)) {
        read++;
        if (MARK.matcher(Files.readString(file)).find()) marked.add(file.toString());
      }
    }
    assertEquals(List.of(), marked);
    assertTrue(read > 500, read + " files were read");
  }

  private static List<Path> files(Path folder, int depth) throws IOException {
    try (Stream<Path> below = Files.walk(folder, depth)) {
      return below
          .filter(p -> !p.toString().contains("target") && READ.matcher(p.toString()).matches())
          .filter(Files::isRegularFile)
          .toList();
    }
  }
}
