package io.sparkgrad.benchmarks;

import io.sparkgrad.backend.cpu.Blas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The engine beside libtorch, on one thread, work after work: medians of pairs that are measured
 * alternately. Once with the JVM's Vector API and once without, each in a JVM of its own.
 */
public final class EngineBenchmark {
  private static final int PAIRS = 41;
  private static final double WARM_UP_SECONDS = 10;
  private static final double AGREES = 1e-3;

  private EngineBenchmark() {}

  /** Times of one work in ms. */
  private record Row(String name, double most, double ours, double theirs) {}

  public static void main(String[] args) throws Exception {
    if (args.length > 0 && args[0].equals("measure")) {
      measureAll(args.length > 1 ? args[1] : "");
      return;
    }
    String only = args.length > 0 ? args[0] : "";
    List<Row> vector = inOwnJvm(only, "--add-modules", "jdk.incubator.vector");
    List<Row> plain = inOwnJvm(only);
    System.out.println(machine());
    System.out.println("ours / libtorch in ms, medians of " + PAIRS + " alternating pairs\n");
    System.out.println("| work | at most | with the Vector API | plain loops |");
    System.out.println("|---|---|---|---|");
    for (int i = 0; i < vector.size(); i++) {
      Row v = vector.get(i);
      System.out.printf(
          Locale.ROOT, "| %s | %.2f | %s | %s |%n", v.name, v.most, cell(v), cell(plain.get(i)));
    }
  }

  private static String cell(Row row) {
    double ratio = row.ours / row.theirs;
    return String.format(
        Locale.ROOT,
        "%.2f (%.3g / %.3g)%s",
        ratio,
        row.ours,
        row.theirs,
        ratio <= row.most + 0.05 ? "" : " missed");
  }

  private static List<Row> inOwnJvm(String only, String... flags)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(List.of("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(EngineBenchmark.class.getName(), "measure", only));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("OMP_NUM_THREADS", "1"); // also what libtorch's OpenBLAS looks at
    Process jvm = builder.start();
    List<Row> rows = new ArrayList<>();
    for (String line : new String(jvm.getInputStream().readAllBytes()).lines().toList()) {
      String[] cells = line.split("\t");
      if (cells.length != 4) continue; // an incubator module is announced
      rows.add(
          new Row(
              cells[0],
              Double.parseDouble(cells[1]),
              Double.parseDouble(cells[2]),
              Double.parseDouble(cells[3])));
    }
    if (jvm.waitFor() != 0) throw new IllegalStateException("a measuring JVM failed: " + command);
    return rows;
  }

  private static void measureAll(String only) {
    Blas.load(); // before libtorch: both then use this OpenBLAS
    LibTorch.useOneThread();
    for (Work work : Works.all()) {
      if (!work.name().contains(only)) continue;
      Row row = measure(work);
      System.out.println(row.name + "\t" + row.most + "\t" + row.ours + "\t" + row.theirs);
    }
  }

  private static Row measure(Work work) {
    double ours = work.ours().run();
    double theirs = work.theirs().run();
    if (Math.abs(ours - theirs) > AGREES * Math.max(1, Math.abs(theirs))) {
      throw new IllegalStateException(
          work.name() + ": our loss is " + ours + ", libtorch's " + theirs);
    }
    long start = System.nanoTime();
    while (System.nanoTime() - start < WARM_UP_SECONDS * 1e9) {
      work.ours().run();
      work.theirs().run();
    }
    double[] our = new double[PAIRS];
    double[] their = new double[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
      if (i % 2 == 0) our[i] = time(work.ours(), work.repeats());
      their[i] = time(work.theirs(), work.repeats());
      if (i % 2 == 1) our[i] = time(work.ours(), work.repeats());
    }
    return new Row(work.name(), work.most(), median(our), median(their));
  }

  private static double time(Work.Step step, int repeats) {
    long start = System.nanoTime();
    for (int i = 0; i < repeats; i++) step.run();
    return (System.nanoTime() - start) / 1e6 / repeats;
  }

  private static double median(double[] numbers) {
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static String machine() throws IOException {
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
