package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real standalone cluster whose Workers are killed, and one that asks for a secret. */
@Tag("matrix")
class StandaloneIT {
  private static final Path FOLDER = Path.of("target", "standalone").toAbsolutePath();
  private static final Path LOG = FOLDER.resolve("driver.log");
  private static final List<String> JOB = List.of("digits", "--workers", "4", "--epochs", "300");
  private static final String SHA = "weights sha256 (\\w+)";
  private static final List<String> SECRET =
      List.of("spark.authenticate=true", "spark.authenticate.secret=told to both");

  @Test
  void workersKilledOneAfterTheOtherChangeNoBit() throws Exception {
    List<String> calm = new ArrayList<>(JOB);
    calm.addAll(List.of("--master", "local[2]"));
    String alone = ExampleRun.printed(calm.toArray(new String[0]));
    try (StandaloneCluster cluster = start(List.of())) {
      cluster.startWorker();
      String printed = run(cluster);
      assertEquals(ExampleRun.find(alone, SHA), ExampleRun.find(printed, SHA));
      String log = Files.readString(LOG);
      assertEquals(2, Pattern.compile("Lost executor \\d").matcher(log).results().count(), log);
    }
  }

  /** By the project's script, with the settings that its page names. */
  @Test
  void aClusterThatAuthenticatesGivesTheWeightsOfLocalMode() throws Exception {
    String alone = alone();
    List<String> options = new ArrayList<>(daemons());
    options.add("-Dspark.master.rest.enabled=false");
    try (StandaloneCluster cluster = start(options)) {
      String printed = submit(cluster, SECRET);
      assertEquals(ExampleRun.find(alone, SHA), ExampleRun.find(printed, SHA), printed);
    }
  }

  /** A worker starts the driver, and keeps what it prints. */
  @Test
  void aDriverInTheClusterGivesTheWeightsOfLocalMode() throws Exception {
    String alone = alone();
    try (StandaloneCluster cluster = start(List.of())) {
      cluster.startWorker(); // one for the driver
      String said =
          submit(
              cluster,
              List.of(
                  "spark.submit.deployMode=cluster",
                  "spark.standalone.submit.waitAppCompletion=true",
                  "spark.driver.extraClassPath=" + ScalaRepl.jarsWithoutOurs(),
                  "spark.driver.memory=512m"));
      String printed = Files.readString(driversOutput());
      assertEquals(ExampleRun.find(alone, SHA), ExampleRun.find(printed, SHA), said + printed);
    }
  }

  private static Path driversOutput() throws IOException {
    try (Stream<Path> files = Files.walk(FOLDER)) {
      return files
          .filter(file -> file.toString().matches(".*/driver-[^/]*/stdout"))
          .findAny()
          .orElseThrow(() -> new IOException("no driver ran below " + FOLDER));
    }
  }

  /** As the page says. */
  @Test
  void withAuthenticationAMasterDoesNotStartBesideItsRestServer() {
    IOException e = assertThrows(IOException.class, () -> start(daemons()).close());
    assertTrue(e.getMessage().contains("spark.master.rest.enabled=false"), e::getMessage);
  }

  private static StandaloneCluster start(List<String> options) throws Exception {
    FileUtil.fullyDelete(FOLDER.toFile());
    return new StandaloneCluster(ScalaRepl.jarsWithoutOurs(), "2.13", FOLDER, options);
  }

  private static String alone() throws Exception {
    return ExampleRun.printed(
        "digits", "--spark", spark(), "--workers", "4", "--master", "local[2]");
  }

  private static String spark() {
    String tried = System.getProperty("spark.tried"); // the newest last
    return tried.substring(tried.lastIndexOf(' ') + 1);
  }

  /** Submits digits by the project's script; what it prints. */
  private static String submit(StandaloneCluster cluster, List<String> settings) throws Exception {
    List<String> job = new ArrayList<>();
    for (String setting : cluster.settings()) job.addAll(List.of("--conf", setting));
    for (String setting : settings) job.addAll(List.of("--conf", setting));
    job.addAll(List.of("--class", "io.sparkgrad.examples.TrainDigits"));
    return ClustersSpark.submit(
        "standalone",
        Map.of(
            "SPARK_HOME", Path.of("target", "spark-" + spark()).toAbsolutePath().toString(),
            "MASTER", cluster.url()),
        job,
        AppJar.FILE.getPath(),
        "--workers",
        "4");
  }

  private static List<String> daemons() {
    return SECRET.stream().map(setting -> "-D" + setting).toList();
  }

  /** What the job prints; its epochs say when a worker goes or comes. */
  private static String run(StandaloneCluster cluster) throws Exception {
    List<String> command = new ArrayList<>(List.of("./run"));
    command.addAll(JOB);
    command.addAll(List.of("--master", cluster.url()));
    for (String setting : cluster.settings()) command.addAll(List.of("--conf", setting));
    command.addAll(List.of("--conf", "spark.cores.max=3")); // one on each worker
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectError(LOG.toFile())
            .redirectInput(new File("/dev/null"));
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    Process job = builder.start();
    StringBuilder printed = new StringBuilder();
    try (BufferedReader lines = job.inputReader()) {
      for (String line; (line = lines.readLine()) != null; ) {
        printed.append(line).append('\n');
        if (line.startsWith("epoch 30 of")) cluster.killWorker(1);
        if (line.startsWith("epoch 100 of")) cluster.startWorker();
        if (line.startsWith("epoch 200 of")) cluster.killWorker(2);
      }
    } finally {
      job.destroy();
    }
    assertEquals(0, job.waitFor(), printed::toString);
    return printed.toString();
  }
}
