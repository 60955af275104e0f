package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings and scripts of cluster-config, as far as no cluster is needed. */
class ClusterConfigTest {
  private static final Path FOLDER = Path.of("..", "cluster-config");

  /** YARN would repeat an application that failed, from the first epoch, and exit with 0. */
  @ParameterizedTest
  @ValueSource(strings = {"spark-defaults.conf", "gpu.conf"})
  void yarnDoesNotRepeatARun(String file) throws Exception {
    Properties settings = new Properties();
    try (Reader in = Files.newBufferedReader(FOLDER.resolve("yarn").resolve(file))) {
      settings.load(in);
    }
    assertEquals("1", settings.getProperty("spark.yarn.maxAppAttempts"));
  }

  /** Spark logs what a script that failed wrote to stdout, and drops the rest. */
  @Test
  void aDiscoveryThatFailsSaysWhyOnStdoutToo(@TempDir Path bin) throws Exception {
    Discovery none = discovery(bin);
    assertEquals(1, none.status);
    assertTrue(
        none.out.contains("gpu-discovery: no nvidia-smi on the PATH")
            && none.out.contains("spark.executorEnv.PATH"),
        none.out);
    assertEquals(none.out, none.err);

    tool(bin, "echo 'NVIDIA-SMI has failed'; exit 9");
    Discovery broken = discovery(bin);
    assertEquals(1, broken.status);
    assertTrue(broken.out.contains("NVIDIA-SMI has failed"), broken.out);

    tool(bin, "echo 0; echo 1");
    Discovery two = discovery(bin);
    assertEquals("{\"name\": \"gpu\", \"addresses\": [\"0\", \"1\"]}\n", two.out);
    assertEquals(0, two.status, two.err);
  }

  private record Discovery(int status, String out, String err) {}

  private static Discovery discovery(Path bin) throws Exception {
    Path script = FOLDER.resolve("gpu-discovery").toAbsolutePath();
    ProcessBuilder builder = new ProcessBuilder("/bin/bash", script.toString());
    builder.environment().put("PATH", bin.toString());
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes());
    String err = new String(process.getErrorStream().readAllBytes());
    return new Discovery(process.waitFor(), out, err);
  }

  private static void tool(Path bin, String does) throws Exception {
    Path file = bin.resolve("nvidia-smi");
    Files.write(file, List.of("#!/bin/sh", does));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
