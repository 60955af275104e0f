package io.sparkgrad.cluster.fitting;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Prints progress on one line of the driver's console, like Spark's own for stages and under the
 * same switch, {@code spark.ui.showConsoleProgress}:
 *
 * <pre>
 * {@code [Epoch 3/40:=======>                 (1234 + 4) / 9200]  loss 0.1234  45,000 rows/s  12 s left}
 * </pre>
 *
 * <p>As in Spark's line, the numbers in parentheses are what is done (steps) and who works
 * (workers). Not thread-safe.
 */
final class ProgressLine implements AutoCloseable {
  private static final String CARRIAGE_RETURN = "\r";
  private static final int BAR = 25;
  private static final long FIRST_NANOS = 500_000_000L; // a short run prints nothing
  private static final long EVERY_NANOS = 200_000_000L;
  private static final long TRUSTED_NANOS = 3_000_000_000L; // of steps, before they tell the end

  private final PrintStream console; // null: switched off
  private final int width;
  private final LongSupplier nanoClock;
  private final long totalSteps;
  private final long stepsPerEpoch;
  private final int workers;
  private final double rowsPerStep;
  private final long start;
  private long shown;
  private long firstNanos; // when steps were seen first, and how many
  private long firstSteps;
  private int length;

  /**
   * @param width characters of the console's line: all are written, since Spark's own line may
   *     stand there
   */
  ProgressLine(
      PrintStream console,
      int width,
      LongSupplier nanoClock,
      long totalSteps,
      long stepsPerEpoch,
      int workers,
      double rowsPerStep) {
    this.console = console;
    this.width = width;
    this.nanoClock = nanoClock;
    this.totalSteps = totalSteps;
    this.stepsPerEpoch = stepsPerEpoch;
    this.workers = workers;
    this.rowsPerStep = rowsPerStep;
    this.start = nanoClock.getAsLong();
    this.shown = start + FIRST_NANOS - EVERY_NANOS;
  }

  /** Prints the progress, at most every 200 ms. */
  void update(long steps, double loss) {
    long now = nanoClock.getAsLong();
    if (firstSteps == 0 && steps > 0) {
      firstSteps = steps;
      firstNanos = now;
    }
    if (console == null || now - shown < EVERY_NANOS) return;
    shown = now;
    print(text(steps, loss, now));
  }

  private String text(long steps, double loss, long now) {
    int filled = (int) (BAR * steps / totalSteps);
    String bar = "=".repeat(filled) + (filled < BAR ? ">" + " ".repeat(BAR - filled - 1) : "");
    long epoch = Math.min(steps / stepsPerEpoch + 1, totalSteps / stepsPerEpoch);
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "[Epoch %d/%d:%s(%d + %d) / %d]",
            epoch,
            totalSteps / stepsPerEpoch,
            bar,
            steps,
            workers,
            totalSteps));
    if (!Double.isNaN(loss)) line.append(String.format(Locale.ROOT, "  loss %.4f", loss));
    if (steps > 0)
      line.append(
          String.format(
              Locale.ROOT, "  %,.0f rows/s", steps * rowsPerStep / ((now - start) / 1e9)));
    /* Waiting for slots and the first steps, which are slow, say nothing about the others. */
    if (steps > firstSteps && now - firstNanos >= TRUSTED_NANOS) {
      double secondsPerStep = (now - firstNanos) / 1e9 / (steps - firstSteps);
      line.append("  ")
          .append(left((long) (secondsPerStep * (totalSteps - steps))))
          .append(" left");
    }
    return line.toString();
  }

  private static String left(long seconds) {
    if (seconds < 60) return seconds + " s";
    if (seconds < 3600) return seconds / 60 + " min " + seconds % 60 + " s";
    return seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
  }

  private void print(String line) {
    console.print(
        CARRIAGE_RETURN
            + line
            + " ".repeat(Math.max(0, Math.max(length, width) - line.length()))
            + CARRIAGE_RETURN);
    console.flush();
    length = line.length();
  }

  /** Clears the line before the program prints. */
  void clear() {
    if (length > 0) print("");
  }

  @Override
  public void close() {
    clear();
  }
}
