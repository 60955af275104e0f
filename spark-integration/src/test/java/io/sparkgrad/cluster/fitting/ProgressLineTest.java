package io.sparkgrad.cluster.fitting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream console = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private long now;

  @Test
  void showsEpochStepsWorkersLossSpeedAndTheTimeLeft() {
    ProgressLine line = new ProgressLine(console, 20, () -> now, 200, 50, 4, 64);
    now = 2_000_000_000L;
    line.update(60, 0.12345);
    String first =
        "\r[Epoch 2/4:=======>                 (60 + 4) / 200]  loss 0.1235  1,920 rows/s\r";
    assertEquals(first, printed());
    now = 6_000_000_000L;
    line.update(120, 0.12345); // 60 steps in 4 s, after a start that took 2 s
    assertEquals(
        first
            + "\r[Epoch 3/4:===============>         (120 + 4) / 200]  loss 0.1235  1,280 rows/s  5 s left\r",
        printed());
  }

  /** Spark's line for the stage of the training, of which a rest would stay. */
  @Test
  void itCoversTheWholeWidthOfTheConsole() {
    ProgressLine line = new ProgressLine(console, 80, () -> now, 10, 10, 1, 1);
    now = 600_000_000L;
    line.update(0, Double.NaN);
    String text = "[Epoch 1/1:>                        (0 + 1) / 10]";
    assertEquals("\r" + text + " ".repeat(80 - text.length()) + "\r", printed());
  }

  @Test
  void aShortRunShowsNothing() {
    ProgressLine line = new ProgressLine(console, 0, () -> now, 200, 50, 4, 64);
    now = 400_000_000L;
    line.update(60, 1);
    line.close();
    assertEquals("", printed());
  }

  @Test
  void itIsRewrittenFiveTimesASecondAtMostAndWipedAtTheEnd() {
    ProgressLine line = new ProgressLine(console, 0, () -> now, 10, 10, 1, 1);
    now = 600_000_000L;
    line.update(0, Double.NaN);
    String first = printed();
    assertEquals("\r[Epoch 1/1:>                        (0 + 1) / 10]\r", first);
    now += 100_000_000L;
    line.update(1, 1);
    assertEquals(first, printed());
    line.close();
    assertEquals(first + "\r" + " ".repeat(first.length() - 2) + "\r", printed());
  }

  @Test
  void longTimesAreSaidInMinutesAndHours() {
    ProgressLine line = new ProgressLine(console, 0, () -> now, 100_100, 1000, 1, 1);
    line.update(100, 1);
    now = 10_000_000_000L;
    line.update(200, 1);
    assertEquals("2 h 46 min left\r", printed().substring(printed().indexOf("2 h")));
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
