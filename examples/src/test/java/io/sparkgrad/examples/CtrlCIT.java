package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ctrl-C in the middle of a fit. */
class CtrlCIT {
  /* SIGINT as at a prompt, also where the build itself runs without one and ignores it. */
  private static final List<String> DIGITS =
      List.of(
          "env",
          "--default-signal=INT",
          "./run",
          "digits",
          "--epochs",
          "100000",
          "--master",
          "local[2]");

  @Test
  void theLastWordsNameTheEpochReached() throws Exception {
    Process job = new ProcessBuilder(DIGITS).redirectErrorStream(true).start();
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader = job.inputReader()) {
      for (String line; (line = reader.readLine()) != null; ) {
        lines.add(line);
        if (line.startsWith("epoch 50 of"))
          new ProcessBuilder("kill", "-INT", "" + job.pid()).start().waitFor();
      }
    } finally {
      job.destroy();
    }
    String printed = String.join("\n", lines);
    assertEquals(130, job.waitFor(), printed);
    long done = lines.stream().filter(line -> line.startsWith("epoch ")).count();
    String said = "in epoch (\\d+) of 100000";
    String first = ExampleRun.find(printed, "the application ends; .* " + said);
    String last = ExampleRun.find(printed, "TrainingException: .* at step .* " + said);
    assertTrue(50 <= Long.parseLong(first), printed);
    assertTrue(done <= Long.parseLong(last), printed);
  }
}
