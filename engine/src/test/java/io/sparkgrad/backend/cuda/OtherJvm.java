package io.sparkgrad.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Runs a main in a JVM of its own: what is found out once per JVM, is found out there anew. */
public final class OtherJvm {
  private final List<String> options = new ArrayList<>();
  private final Map<String, String> environment = new HashMap<>();
  private final List<String> arguments = new ArrayList<>();
  private String without = "";

  /**
   * @param libraries a folder that the linker searches first
   */
  public OtherJvm(Path libraries) {
    environment("LD_LIBRARY_PATH", libraries.toString());
  }

  public OtherJvm environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  public OtherJvm options(String... more) {
    options.addAll(List.of(more));
    return this;
  }

  public OtherJvm arguments(String... more) {
    arguments.addAll(List.of(more));
    return this;
  }

  /** Leaves out the jars whose path contains this. */
  public OtherJvm withoutJars(String part) {
    without = part;
    return this;
  }

  /** What the main printed, its log included; it must have ended well. */
  public String run(Class<?> main) throws IOException, InterruptedException {
    StringBuilder printed = new StringBuilder();
    assertEquals(0, run(main, printed), printed::toString);
    return printed.toString();
  }

  /** What the main printed until it ended badly. */
  public String runToItsFailure(Class<?> main) throws IOException, InterruptedException {
    StringBuilder printed = new StringBuilder();
    assertNotEquals(0, run(main, printed), printed::toString);
    return printed.toString();
  }

  private int run(Class<?> main, StringBuilder printed) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath(), main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().putAll(environment);
    Process process = builder.start();
    byte[] output = process.getInputStream().readAllBytes();
    printed.append(new String(output, StandardCharsets.UTF_8).strip());
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return process.exitValue();
  }

  private String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> without.isEmpty() || !entry.contains(without))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
