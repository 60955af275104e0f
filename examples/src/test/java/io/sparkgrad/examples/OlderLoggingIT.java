package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A driver on whose class path slf4j 1.7 stands before Spark's jars, as Zeppelin starts one. */
class OlderLoggingIT {
  private static final Path FIRST = Path.of("target", "older-logging").toAbsolutePath();

  @Test
  void aFitRunsAndLogsThroughSlf4j17() throws Exception {
    String printed = digits(List.of(slf4j("slf4j-api"), slf4j("slf4j-simple")));
    assertTrue(printed.contains("[main] INFO io.sparkgrad.cluster.fitting.FitLog"), printed);
  }

  /** It prefers log4j 1, too. */
  @Test
  @Tag("matrix")
  void aFitRunsBehindZeppelinsJars() throws Exception {
    List<File> jars =
        ZeppelinNoteIT.jars().stream()
            .filter(jar -> jar.getName().matches("(slf4j-(api|log4j12)-1\\.7|log4j-1\\.2).*"))
            .toList();
    assertEquals(3, jars.size(), jars::toString);
    String printed = digits(jars);
    assertTrue(printed.contains("log4j:WARN No appenders could be found"), printed);
  }

  /* Both are the engine's, so the build has fetched them. */
  private static File slf4j(String name) {
    String version = System.getProperty("slf4j.version");
    String path = "org/slf4j/%1$s/%2$s/%1$s-%2$s.jar".formatted(name, version);
    return new File(System.getProperty("maven.repository"), path);
  }

  private static String digits(List<File> first) throws Exception {
    for (File jar : first) assertTrue(jar.exists(), jar::toString);
    FileUtil.fullyDelete(FIRST.toFile());
    Files.createDirectories(FIRST);
    for (File jar : first) Files.copy(jar.toPath(), FIRST.resolve(jar.getName()));
    String printed =
        ExampleRun.printed(
            "digits",
            "--workers",
            "4",
            "--epochs",
            "3",
            "--master",
            "local[2]",
            "--conf",
            "spark.driver.extraClassPath=" + FIRST + "/*");
    assertTrue(printed.contains("weights sha256"), printed);
    return printed;
  }
}
