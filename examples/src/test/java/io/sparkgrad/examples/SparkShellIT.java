package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cells in the real spark-shell of Spark 3.5.3, on a standalone master with two workers. */
@Tag("matrix")
class SparkShellIT {
  private static final Path WORK = Path.of("target", "shells").toAbsolutePath();

  @ParameterizedTest
  @ValueSource(strings = {"3.5.3_2.12", "3.5.3_2.13"})
  void theHardCellsAndTheNotesByLoad(String version) throws Exception {
    String classPath = jars(version) + "/*";
    String scala = version.substring(version.indexOf('_') + 1);
    Path folder = WORK.resolve("run-" + version);
    FileUtil.fullyDelete(folder.toFile());
    try (StandaloneCluster cluster = new StandaloneCluster(classPath, scala, folder)) {
      List<String> settings = new ArrayList<>(cluster.settings());
      settings.add("spark.jars=" + AppJar.FILE.getAbsolutePath());
      ScalaRepl shell = ScalaRepl.sparkShell(classPath, cluster.url(), settings);
      shell.run(
          ScalaCells.ofPage(Path.of("src/test/resources/cells/hard.scala")),
          folder.resolve("hard"));
      load(shell, folder.resolve("notes"));
    }
  }

  /* Without what they print as comments, which the shell repeats. */
  private static void load(ScalaRepl shell, Path folder) throws Exception {
    Files.createDirectories(folder);
    StringBuilder lines = new StringBuilder();
    StringBuilder expected = new StringBuilder();
    for (String name : List.of("autograd", "train")) {
      String cells = Files.readString(Path.of("notebooks", name + ".scala"));
      Path file = folder.resolve(name + ".scala");
      Files.writeString(file, cells.replaceAll("(?m)^// => .*\\R", ""));
      lines.append(":load %s\n".formatted(file));
      expected.append(cells);
    }
    String printed = shell.run(lines.toString(), folder);
    assertFalse(printed.contains("error:") || printed.contains("Exception"), printed);
    assertEquals("", ScalaCells.missing(expected.toString(), printed), printed);
  }

  /** The jars of a Spark with its shell, fetched once. */
  private static Path jars(String version) throws Exception {
    Path jars = WORK.resolve(version);
    if (Files.exists(jars)) return jars;
    String[] parts = version.split("_");
    ClustersSpark.dependencies(
        jars,
        "spark/pom.xml",
        "-Pshell",
        "-Dspark=" + parts[0],
        "-Dscala=" + parts[1],
        "-DincludeScope=runtime");
    return jars;
  }
}
