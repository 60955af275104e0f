package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tables that stay rows, on three million flights and two executors. */
@Tag("data")
class FlightsIT {
  private static final Path FOLDER = Path.of(System.getProperty("sparkgrad.data"), "flights");

  @Test
  void aDeepFmIsBetterThanALinearModelAfterOneEpoch() throws Exception {
    String printed = ExampleRun.printed("deepfm", "--data", FOLDER.toString(), "--epochs", "1");
    double ours = auc("DeepFM", printed);
    assertTrue(ours >= 0.74, printed);
    assertTrue(ours > auc("logistic regression", printed), printed);
  }

  private static double auc(String name, String printed) {
    return Double.parseDouble(ExampleRun.find(printed, name + ": test AUC ([0-9.]+)"));
  }
}
