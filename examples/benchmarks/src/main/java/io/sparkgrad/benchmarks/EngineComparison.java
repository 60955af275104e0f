package io.sparkgrad.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Two builds of the engine: the works of {@link EngineBenchmark} without its peer, in JVMs that
 * alternate between the builds. The median over the pairs of new to old in CPU time of the thread
 * that works, a row a work that both have.
 */
public final class EngineComparison {
  private static final int TIMES = 41;
  private static final double WARM_UP_SECONDS = 4;

  private EngineComparison() {}

  /** Arguments: the class paths of the old and the new build, how many pairs, part of a name. */
  public static void main(String[] args) throws Exception {
    if (args[0].equals("measure")) {
      measure(args[1]);
      return;
    }
    int pairs = Integer.parseInt(args[2]);
    List<Map<String, double[]>> ratios = new ArrayList<>();
    for (List<String> kind : Timing.KINDS)
      ratios.add(ratios(kind, args[0], args[1], pairs, args[3]));
    System.out.println(Timing.machine());
    System.out.printf(
        "new / old, medians of %d pairs of JVMs (the lowest and the highest)%n%n", pairs);
    System.out.println("| work | with the Vector API | plain loops |");
    System.out.println("|---|---|---|");
    for (String work : ratios.get(0).keySet())
      System.out.printf(
          "| %s | %s | %s |%n", work, cell(ratios.get(0).get(work)), cell(ratios.get(1).get(work)));
  }

  private static String cell(double[] ratios) {
    return String.format(
        Locale.ROOT,
        "%.3f (%.3f to %.3f)",
        Timing.median(ratios),
        Arrays.stream(ratios).min().getAsDouble(),
        Arrays.stream(ratios).max().getAsDouble());
  }

  /* Each build goes first as often as the other, since what a machine does changes with time. */
  private static Map<String, double[]> ratios(
      List<String> kind, String oldBuild, String newBuild, int pairs, String only)
      throws IOException, InterruptedException {
    Map<String, double[]> ratios = new LinkedHashMap<>();
    for (int i = 0; i < pairs; i++) {
      Map<String, Double> old = i % 2 == 0 ? times(kind, oldBuild, only) : null;
      Map<String, Double> now = times(kind, newBuild, only);
      if (old == null) old = times(kind, oldBuild, only);
      old.keySet().retainAll(now.keySet());
      for (var work : old.entrySet())
        ratios.computeIfAbsent(work.getKey(), w -> new double[pairs])[i] =
            now.get(work.getKey()) / work.getValue();
      System.err.printf("pair %d of %d %s%n", i + 1, pairs, kind);
    }
    return ratios;
  }

  private static Map<String, Double> times(List<String> kind, String build, String only)
      throws IOException, InterruptedException {
    Map<String, Double> times = new LinkedHashMap<>();
    for (String[] row : Timing.inOwnJvm(kind, build, 2, EngineComparison.class, "measure", only))
      times.put(row[0], Double.parseDouble(row[1]));
    return times;
  }

  private static void measure(String only) {
    for (Work work : Works.all()) {
      if (!work.name().contains(only)) continue;
      Timing.cpuWarmUp(WARM_UP_SECONDS, work.ours());
      double[] ms = new double[TIMES];
      for (int i = 0; i < TIMES; i++) ms[i] = Timing.cpuMs(work.ours(), work.repeats());
      System.out.println(work.name() + "\t" + Timing.median(ms));
    }
  }
}
