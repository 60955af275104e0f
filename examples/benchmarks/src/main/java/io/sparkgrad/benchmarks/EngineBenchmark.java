package io.sparkgrad.benchmarks;

import io.sparkgrad.backend.cpu.Blas;
import java.io.IOException;
import java.util.ArrayList;
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
  private record Row(String name, double most, double ours, double theirs) {
    Row(String[] cells) {
      this(
          cells[0],
          Double.parseDouble(cells[1]),
          Double.parseDouble(cells[2]),
          Double.parseDouble(cells[3]));
    }
  }

  public static void main(String[] args) throws Exception {
    if (args.length > 0 && args[0].equals("measure")) {
      measureAll(args.length > 1 ? args[1] : "");
      return;
    }
    LibTorch.unpack();
    List<Row> vector = inOwnJvm(Timing.KINDS.get(0), args);
    List<Row> plain = inOwnJvm(Timing.KINDS.get(1), args);
    System.out.println(Timing.machine());
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

  private static List<Row> inOwnJvm(List<String> kind, String... args)
      throws IOException, InterruptedException {
    List<String> flags = new ArrayList<>(kind);
    flags.add(LibTorch.OWN_LIBRARIES);
    String classpath = System.getProperty("java.class.path");
    String only = args.length > 0 ? args[0] : "";
    return Timing.inOwnJvm(flags, classpath, 4, EngineBenchmark.class, "measure", only).stream()
        .map(Row::new)
        .toList();
  }

  private static void measureAll(String only) {
    Blas.load(); // before libtorch: both then use this OpenBLAS
    LibTorch libTorch = new LibTorch();
    for (Work work : Works.all()) {
      if (!work.name().contains(only)) continue;
      Row row = measure(work, work.theirs().apply(libTorch));
      System.out.println(row.name + "\t" + row.most + "\t" + row.ours + "\t" + row.theirs);
    }
  }

  private static Row measure(Work work, Work.Step peer) {
    double ours = work.ours().run();
    double theirs = peer.run();
    if (Math.abs(ours - theirs) > AGREES * Math.max(1, Math.abs(theirs))) {
      throw new IllegalStateException(
          work.name() + ": our loss is " + ours + ", libtorch's " + theirs);
    }
    Timing.warmUp(WARM_UP_SECONDS, work.ours(), peer);
    double[] our = new double[PAIRS];
    double[] their = new double[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
      if (i % 2 == 0) our[i] = Timing.ms(work.ours(), work.repeats());
      their[i] = Timing.ms(peer, work.repeats());
      if (i % 2 == 1) our[i] = Timing.ms(work.ours(), work.repeats());
    }
    return new Row(work.name(), work.most(), Timing.median(our), Timing.median(their));
  }
}
