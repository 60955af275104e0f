package io.sparkgrad.backend.cuda;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@link GpuBenchmark} measured: each time against one that something else needs. */
final class SpeedTable {
  /** A target that there is none of, a time that is not known. */
  static final double NONE = Double.NaN;

  private static final String LINE = "%-28s %10s %15s %10s   %-15s %-9s %s%n";

  private final Map<String, Double> torch;
  private final List<Row> rows = new ArrayList<>();

  /**
   * @param torch PyTorch's seconds by name
   */
  SpeedTable(Map<String, Double> torch) {
    this.torch = torch;
  }

  /**
   * A line.
   *
   * @param limit what the fraction is of
   * @param limitSeconds what that needs
   * @param target the least fraction
   */
  private record Row(
      String name,
      double seconds,
      String rate,
      double torchSeconds,
      String limit,
      double limitSeconds,
      double target) {
    double fraction() {
      return limitSeconds / seconds;
    }

    /* Of a time itself, or of a fraction. */
    String wanted() {
      return limit.endsWith(" us") ? "<= " + limit : number(">= %.2f", target);
    }

    String verdict() {
      if (Double.isNaN(target)) return "";
      if (Double.isNaN(fraction())) return "unknown";
      return fraction() >= target ? "met" : "missed";
    }
  }

  /** PyTorch's seconds for this, or {@link #NONE}. */
  double torch(String name) {
    return torch.getOrDefault(name, NONE);
  }

  /** Work that reads and writes {@code bytes}, against a copy that does. */
  void bytes(String name, double seconds, double bytes, double copySeconds, double target) {
    String rate = number("%.0f GB/s", bytes / seconds / 1e9);
    rows.add(new Row(name, seconds, rate, torch(name), "copy", copySeconds, target));
  }

  /** Work of {@code flops}, against something else that does it. */
  void flops(
      String name,
      String torchName,
      double seconds,
      double flops,
      String limit,
      double limitSeconds,
      double target) {
    String rate = number("%.1f TFLOP/s", flops / seconds / 1e12);
    rows.add(new Row(name, seconds, rate, torch(torchName), limit, limitSeconds, target));
  }

  /** Something that should take no more than a limit; NONE if there is none. */
  void time(String name, double seconds, double limitSeconds) {
    String limit = Double.isNaN(limitSeconds) ? "" : time(limitSeconds);
    double target = Double.isNaN(limitSeconds) ? NONE : 1;
    rows.add(new Row(name, seconds, "", torch(name), limit, limitSeconds, target));
  }

  /**
   * Prints all lines.
   *
   * @param meaningful whether the times say anything; if not, that they are there is all
   */
  void print(PrintStream out, boolean meaningful) {
    out.printf(LINE, "name", "ours", "rate", "PyTorch", "fraction", "target", "");
    for (Row r : rows) {
      String fraction = number("%.2f of " + r.limit, r.fraction());
      out.printf(
          LINE,
          r.name,
          time(r.seconds),
          meaningful ? r.rate : "-",
          time(r.torchSeconds),
          meaningful ? fraction : "-",
          r.wanted(),
          meaningful ? r.verdict() : "");
    }
  }

  private static String time(double seconds) {
    return seconds < 1e-3 ? number("%.1f us", seconds * 1e6) : number("%.2f ms", seconds * 1e3);
  }

  private static String number(String format, double x) {
    return Double.isNaN(x) ? "" : String.format(Locale.ROOT, format, x);
  }
}
