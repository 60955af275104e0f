package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run on a YARN of one process, by {@code cluster-config/yarn/submit.sh} as it stands. */
@Tag("matrix")
class YarnIT {
  private static final String SHA = "weights sha256 ([0-9a-f]{64})";

  @Test
  void aClientRunGivesTheWeightsOfLocalMode(@TempDir Path folder) throws Exception {
    Path home = ClustersSpark.home();
    Process yarn = yarn(folder);
    try {
      String printed =
          ClustersSpark.submit(
              "yarn",
              Map.of(
                  "SPARK_HOME", home.toString(),
                  "HADOOP_CONF_DIR", folder.toString(),
                  "JAVA_HOME", System.getProperty("java.home")),
              List.of(
                  "--conf",
                  "spark.yarn.stagingDir=" + folder.resolve("staging").toUri(),
                  "--conf",
                  "spark.yarn.jars=local:" + home.resolve("jars") + "/*",
                  "--class",
                  "io.sparkgrad.examples.TrainDigits"),
              AppJar.FILE.getPath(),
              "--workers",
              "4");
      String local =
          ClustersSpark.submit(
              "local",
              Map.of("SPARK_HOME", home.toString()),
              List.of("--master", "local[2]", "--class", "io.sparkgrad.examples.TrainDigits"),
              AppJar.FILE.getPath(),
              "--workers",
              "4");
      assertEquals(ExampleRun.find(local, SHA), ExampleRun.find(printed, SHA), printed);
    } finally {
      yarn.getOutputStream().close();
      yarn.waitFor();
    }
  }

  /** Starts it with its files in a folder, and returns once it is ready. */
  private static Process yarn(Path folder) throws Exception {
    Path jars = ClustersSpark.WORK.resolve("minicluster");
    if (!Files.exists(jars)) ClustersSpark.dependencies(jars, "spark/yarn/pom.xml");
    Path source = Path.of("src/test/resources/MiniYarn.java").toAbsolutePath();
    ProcessBuilder builder =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-cp",
                jars + File.separator + "*",
                source.toString(),
                folder.toString())
            .directory(folder.toFile())
            .redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    BufferedReader printed = process.inputReader();
    StringBuilder log = new StringBuilder();
    for (String line; (line = printed.readLine()) != null; ) {
      log.append(line).append('\n');
      if (line.equals("YARN is ready")) {
        drain(printed);
        return process;
      }
    }
    assertTrue(false, log::toString);
    return process;
  }

  /* So that it never waits for a reader. */
  private static void drain(BufferedReader printed) {
    Thread reader = new Thread(() -> printed.lines().forEach(line -> {}), "yarn's log");
    reader.setDaemon(true);
    reader.start();
  }
}
