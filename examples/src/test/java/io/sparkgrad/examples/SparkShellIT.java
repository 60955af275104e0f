package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Cells in the real spark-shell of Spark 3.5.3, and in Scala's REPL with Spark 4.0.1, on a
 * standalone master with two workers and in local mode; {@link CellsIT} runs them with the newest.
 */
@Tag("matrix")
class SparkShellIT {
  private static final Path WORK = Path.of("target", "shells").toAbsolutePath();
  private static final List<String> OURS = List.of("spark.jars=" + AppJar.FILE.getAbsolutePath());
  private static final String LOCAL = "local[2]";

  @ParameterizedTest
  @ValueSource(strings = {"3.5.3_2.12", "3.5.3_2.13"})
  void theHardCellsAndTheNotesByLoad(String version) throws Exception {
    String classPath = jars(version, "-Pshell") + "/*";
    Path folder = folder(version);
    try (StandaloneCluster cluster = new StandaloneCluster(classPath, scala(version), folder)) {
      ScalaRepl shell = ScalaRepl.sparkShell(classPath, cluster.url(), settings(cluster));
      shell.run(hard(), folder.resolve("hard"));
      shell.run(page("everyday"), folder.resolve("everyday"));
      load(shell, folder.resolve("notes"));
    }
    ScalaRepl.sparkShell(classPath, LOCAL, OURS).run(hard().inLocalMode(), folder.resolve("local"));
  }

  @ParameterizedTest
  @ValueSource(strings = "4.0.1_2.13")
  void theHardCellsAndTheNotesInScalasRepl(String version) throws Exception {
    String sparks = jars(version, "-Prepl") + "/*";
    String classPath = AppJar.FILE.getAbsolutePath() + File.pathSeparator + sparks;
    Path folder = folder(version);
    List<String> notes = new ArrayList<>(NotebooksTest.cells("autograd"));
    notes.addAll(NotebooksTest.cells("train"));
    try (StandaloneCluster cluster = new StandaloneCluster(sparks, scala(version), folder)) {
      ScalaRepl repl = ScalaRepl.ofZeppelin(classPath, cluster.url(), settings(cluster));
      repl.run(hard(), folder.resolve("hard"));
      repl.run(page("everyday"), folder.resolve("everyday"));
      repl.run(new ScalaCells(notes), folder.resolve("notes"));
    }
    ScalaRepl.ofZeppelin(classPath, LOCAL, OURS).run(hard().inLocalMode(), folder.resolve("local"));
  }

  private static ScalaCells hard() throws IOException {
    return page("hard");
  }

  private static ScalaCells page(String name) throws IOException {
    return ScalaCells.ofPage(Path.of("src/test/resources/cells", name + ".scala"));
  }

  private static String scala(String version) {
    return version.substring(version.indexOf('_') + 1);
  }

  private static Path folder(String version) {
    Path folder = WORK.resolve("run-" + version);
    FileUtil.fullyDelete(folder.toFile());
    return folder;
  }

  private static List<String> settings(StandaloneCluster cluster) {
    List<String> settings = new ArrayList<>(cluster.settings());
    settings.addAll(OURS);
    return settings;
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

  /** The jars of a Spark with a shell, fetched once. */
  private static Path jars(String version, String shell) throws Exception {
    Path jars = WORK.resolve(version);
    if (Files.exists(jars)) return jars;
    String[] parts = version.split("_");
    ClustersSpark.dependencies(
        jars,
        "spark/pom.xml",
        shell,
        "-Dspark=" + parts[0],
        "-Dscala=" + parts[1],
        "-DincludeScope=runtime");
    return jars;
  }
}
