package io.sparkgrad.cluster.notebook;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * The scale of a chart's numbers: logarithmic when they span more than two decades; numbers that
 * are not finite are not drawn. Immutable.
 */
final class Axis {
  private static final double DECADES_OF_LINEAR = 2;
  private static final int X_PARTS = 12; // between ticks, at most
  private static final int Y_PARTS = 6;

  private final boolean log;
  private final double low; // its logarithm if log
  private final double high;

  Axis(Collection<List<Double>> series) {
    double[] values =
        series.stream().flatMap(List::stream).filter(Axis::isDrawn).mapToDouble(d -> d).toArray();
    double min = Arrays.stream(values).min().orElse(0);
    double max = Arrays.stream(values).max().orElse(1);
    log = min > 0 && Math.log10(max / min) > DECADES_OF_LINEAR;
    if (log) {
      low = Math.floor(Math.log10(min));
      high = Math.ceil(Math.log10(max));
      return;
    }
    if (min > 0 && min < max / 2) min = 0; // close enough to show how far from 0 it ends
    double margin = min < max ? 0 : max == 0 ? 1 : Math.abs(max) / 10;
    double step = step(max - min + 2 * margin, Y_PARTS);
    low = Math.floor((min - margin) / step) * step;
    high = Math.ceil((max + margin) / step) * step;
  }

  /** Beyond 1E300 the axis itself would overflow. */
  static boolean isDrawn(double value) {
    return Math.abs(value) <= 1e300;
  }

  boolean isLogarithmic() {
    return log;
  }

  /** Where a number lies: 0 at the lower end, 1 at the upper. */
  double position(double value) {
    return ((log ? Math.log10(value) : value) - low) / (high - low);
  }

  /** The numbers to mark, some of them maybe beyond the ends by a rounding. */
  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    if (log) {
      int step = (int) Math.ceil((high - low) / 8); // decades between two ticks
      for (int d = (int) low; d <= high; d += step) ticks.add(Math.pow(10, d));
    } else {
      double step = step(high - low, Y_PARTS);
      for (int i = 0; low + i * step <= high + step / 2; i++) ticks.add(low + i * step);
    }
    return ticks;
  }

  String label(double tick) {
    if (log) {
      int decade = (int) Math.round(Math.log10(tick));
      return decade >= -3 && decade <= 5
          ? String.format(Locale.ROOT, "%,." + Math.max(0, -decade) + "f", tick)
          : "1e" + decade;
    }
    double step = step(high - low, Y_PARTS);
    double size = Math.max(Math.abs(low), Math.abs(high));
    if (size >= 1e7 || step < 1e-5) return String.format(Locale.ROOT, "%.3g", tick);
    int digits = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    return String.format(Locale.ROOT, "%,." + digits + "f", tick + 0.0);
  }

  /** Count of characters of the longest label. */
  int labelLength() {
    return ticks().stream().mapToInt(tick -> label(tick).length()).max().orElse(0);
  }

  /**
   * The epochs to mark, of 1 to {@code epochs}, so that their numbers stand apart.
   *
   * @param characters for which there is room in a row
   */
  static List<Integer> epochTicks(int epochs, int characters) {
    List<Integer> ticks = new ArrayList<>();
    int parts = characters / (Integer.toString(epochs).length() + 2);
    int step = (int) Math.max(1, step(epochs, Math.max(1, Math.min(X_PARTS, parts))));
    if (step > 1) ticks.add(1);
    for (int e = step; e <= epochs; e += step) ticks.add(e);
    return ticks;
  }

  /** The smallest of 1, 2, 5, 10, 20, ... (or 0.5, 0.2, ...) that cuts a span into few enough. */
  private static double step(double span, int parts) {
    double decade = Math.pow(10, Math.floor(Math.log10(span / parts)));
    for (int factor : new int[] {1, 2, 5})
      if (span / (factor * decade) <= parts * (1 + 1e-9)) return factor * decade;
    return 10 * decade;
  }
}
