package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README's program as a project of its own: compiled, packed, and submitted beside the jar. */
class ReadmeIT {
  @Test
  void theProgramRunsBesideTheJar(@TempDir Path folder) throws Exception {
    Path classes = Files.createDirectory(folder.resolve("classes"));
    Snippet.compile("Larger", ReadmeTest.program(), classes);
    Path jar = jar(classes, folder.resolve("larger.jar"));
    String printed = submit(folder, "--class", "Larger", jar.toString());
    assertTrue(printed.contains("tensor([[4.5000, 4.5000]"), printed);
    assertTrue(printed.contains("prediction"), printed);
    assertTrue(Files.size(folder.resolve("larger.safetensors")) > 0, printed);
  }

  private static Path jar(Path classes, Path jar) throws Exception {
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(file);
        Stream<Path> found = Files.list(classes)) {
      for (Path c : (Iterable<Path>) found::iterator) {
        entries.putNextEntry(new JarEntry(c.getFileName().toString()));
        Files.copy(c, entries);
      }
    }
    return jar;
  }

  private static String submit(Path folder, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
    command.addAll(List.of("-cp", withoutOurs(), "org.apache.spark.deploy.SparkSubmit"));
    command.addAll(List.of("--master", "local[2]", "--conf", "spark.ui.enabled=false"));
    command.addAll(List.of("--jars", AppJar.FILE.getAbsolutePath()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), printed);
    return printed;
  }

  /* Spark's class path alone, so that only --jars brings sparkgrad. */
  private static String withoutOurs() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.contains("sparkgrad") && entry.endsWith(".jar"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
