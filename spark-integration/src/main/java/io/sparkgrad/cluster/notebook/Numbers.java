package io.sparkgrad.cluster.notebook;

import java.util.Locale;

/** Numbers and texts as a display shows them. */
final class Numbers {
  private Numbers() {}

  /** Four digits, enough to tell epochs apart; powers of ten for the very small and large. */
  static String text(double value) {
    double size = Math.abs(value);
    boolean plain = value == 0 || Double.isNaN(value) || (size >= 1e-3 && size < 1e6);
    return String.format(Locale.ROOT, plain ? (size < 100 ? "%.4f" : "%.1f") : "%.2e", value);
  }

  /** Text for XML and HTML, of which neither takes control characters. */
  static String escaped(String text) {
    return text.replaceAll("[\\p{Cntrl}\\x{fffe}\\x{ffff}]", " ")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** Text for one cell of a table whose columns tabs divide. */
  static String cell(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }
}
