package io.sparkgrad.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Clocks, medians, and JVMs of their own to measure in. */
final class Timing {
  /** What a JVM measures with: the Vector API, and plain loops. */
  static final List<List<String>> KINDS =
      List.of(List.of("--add-modules", "jdk.incubator.vector"), List.of());

  private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

  private Timing() {}

  /** ms of one run, the mean of {@code repeats}. */
  static double ms(Work.Step step, int repeats) {
    long start = System.nanoTime();
    for (int i = 0; i < repeats; i++) step.run();
    return (System.nanoTime() - start) / 1e6 / repeats;
  }

  /** As {@link #ms}, of this thread's CPU time: what else runs on the machine does not count. */
  static double cpuMs(Work.Step step, int repeats) {
    long start = CPU.getCurrentThreadCpuTime();
    for (int i = 0; i < repeats; i++) step.run();
    return (CPU.getCurrentThreadCpuTime() - start) / 1e6 / repeats;
  }

  /** Runs it for so much CPU time. */
  static void cpuWarmUp(double seconds, Work.Step step) {
    long start = CPU.getCurrentThreadCpuTime();
    while (CPU.getCurrentThreadCpuTime() - start < seconds * 1e9) step.run();
  }

  /** Runs them in turn until the code is compiled. */
  static void warmUp(double seconds, Work.Step... steps) {
    long start = System.nanoTime();
    while (System.nanoTime() - start < seconds * 1e9) for (Work.Step step : steps) step.run();
  }

  static double median(double[] numbers) {
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /**
   * Runs a main of this package in a JVM of its own, on one thread; the cells of each line of
   * {@code columns} that it prints, split at tabs.
   */
  static List<String[]> inOwnJvm(
      List<String> flags, String classpath, int columns, Class<?> main, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", classpath));
    command.add(main.getName());
    command.addAll(List.of(args));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("OMP_NUM_THREADS", "1"); // also what libtorch's OpenBLAS looks at
    Process jvm = builder.start();
    List<String[]> rows = new ArrayList<>();
    for (String line : new String(jvm.getInputStream().readAllBytes()).lines().toList()) {
      String[] cells = line.split("\t");
      if (cells.length == columns) rows.add(cells); // an incubator module is announced
    }
    if (jvm.waitFor() != 0) throw new IllegalStateException("a measuring JVM failed: " + command);
    return rows;
  }

  /** What it was measured on, for a figure's caption. */
  static String machine() throws IOException {
    Path cpus = Path.of("/proc/cpuinfo");
    String cpu = System.getProperty("os.arch");
    if (Files.exists(cpus)) {
      cpu =
          Files.readAllLines(cpus).stream()
              .filter(line -> line.startsWith("model name"))
              .map(line -> line.replaceAll(".*: ", ""))
              .findFirst()
              .orElse(cpu);
    }
    return String.format(
        "%s, %d cores, JDK %s, %s",
        cpu,
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.version"),
        System.getProperty("os.name"));
  }
}
