package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A Spark 4.0.1 with YARN and Kubernetes, from Maven, and scripts of cluster-config that it runs.
 */
final class ClustersSpark {
  static final Path WORK = Path.of("target", "clusters").toAbsolutePath();
  private static final Path HOME = WORK.resolve("spark");

  private ClustersSpark() {}

  /** Assembles it, once. */
  static Path home() throws Exception {
    if (Files.exists(HOME.resolve("bin/spark-submit"))) return HOME;
    dependencies(
        HOME.resolve("jars"),
        "spark/pom.xml",
        "-Pclusters",
        "-Dspark=4.0.1",
        "-Dscala=2.13",
        "-DincludeScope=runtime");
    Path bin = Files.createDirectories(HOME.resolve("bin"));
    for (String script : List.of("spark-class", "spark-submit"))
      Files.copy(Path.of("spark/bin", script), bin.resolve(script));
    return HOME;
  }

  /** Puts the jars that a POM names into a folder. */
  static void dependencies(Path folder, String pom, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of("../mvnw", "-B", "-q", "-f", pom));
    command.add("dependency:copy-dependencies");
    command.add("-DoutputDirectory=" + folder);
    command.addAll(List.of(options));
    run(Map.of(), command.toArray(new String[0]));
  }

  /** Runs {@code cluster-config/CLUSTER/submit.sh} with the application jar; what it prints. */
  static String submit(
      String cluster, Map<String, String> environment, List<String> options, String... application)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("../cluster-config/" + cluster + "/submit.sh"));
    command.addAll(options);
    command.addAll(List.of(application));
    return run(environment, command.toArray(new String[0]));
  }

  private static String run(Map<String, String> environment, String... command) throws Exception {
    File output = File.createTempFile("clusters", ".log");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output);
      builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
      // What would choose other kernels, in some of the processes alone: YARN hands nothing on to
      // its own.
      builder.environment().keySet().removeIf(name -> name.startsWith("OPENBLAS_"));
      builder.environment().putAll(environment);
      int status = builder.start().waitFor();
      String printed = Files.readString(output.toPath());
      assertEquals(0, status, printed);
      return printed;
    } finally {
      delete(output);
    }
  }

  private static void delete(File file) throws IOException {
    Files.delete(file.toPath());
  }
}
