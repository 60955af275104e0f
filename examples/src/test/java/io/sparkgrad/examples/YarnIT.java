package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on a YARN of one process, by {@code cluster-config/yarn/submit.sh} as it stands. */
@Tag("matrix")
class YarnIT {
  private static final String SHA = "weights sha256 ([0-9a-f]{64})";

  @TempDir static Path folder;
  private static Process yarn;
  private static String local;

  @BeforeAll
  static void start() throws Exception {
    local =
        ClustersSpark.submit(
            "local",
            Map.of("SPARK_HOME", ClustersSpark.home().toString()),
            List.of("--master", "local[2]", "--class", "io.sparkgrad.examples.TrainDigits"),
            AppJar.FILE.getPath(),
            "--workers",
            "4");
    yarn = yarn();
  }

  @AfterAll
  static void stop() throws Exception {
    yarn.getOutputStream().close();
    yarn.waitFor();
  }

  @Test
  void aClientRunGivesTheWeightsOfLocalMode() throws Exception {
    String printed = submit("client");
    assertEquals(ExampleRun.find(local, SHA), ExampleRun.find(printed, SHA), printed);
  }

  /** YARN starts the driver, and keeps what it prints. */
  @Test
  void aDriverInTheClusterGivesTheWeightsOfLocalMode() throws Exception {
    String said = submit("cluster");
    String application = ExampleRun.find(said, "(application_\\d+_\\d+)");
    StringBuilder printed = new StringBuilder();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files::iterator)
        if (file.endsWith("stdout") && file.toString().contains(application))
          printed.append(Files.readString(file));
    }
    assertEquals(ExampleRun.find(local, SHA), ExampleRun.find(printed.toString(), SHA), said);
  }

  private static String submit(String mode) throws Exception {
    Path home = ClustersSpark.home();
    return ClustersSpark.submit(
        "yarn",
        Map.of(
            "SPARK_HOME", home.toString(),
            "HADOOP_CONF_DIR", folder.toString(),
            "JAVA_HOME", System.getProperty("java.home")),
        List.of(
            "--deploy-mode",
            mode,
            "--conf",
            "spark.yarn.stagingDir=" + folder.resolve("staging").toUri(),
            "--conf",
            "spark.yarn.jars=local:" + home.resolve("jars") + "/*",
            "--class",
            "io.sparkgrad.examples.TrainDigits"),
        AppJar.FILE.getPath(),
        "--workers",
        "4");
  }

  /** Starts it with its files in the folder, and returns once it is ready. */
  private static Process yarn() throws Exception {
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
