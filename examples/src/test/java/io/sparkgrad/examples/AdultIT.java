package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Strings, numbers and gaps on two executors, beside MLlib's classifiers. */
@Tag("data")
class AdultIT {
  private static final Path FOLDER = Path.of(System.getProperty("sparkgrad.data"), "adult");

  @Test
  void aDeepFmIsBetterThanMllibsClassifiers() throws Exception {
    String printed = ExampleRun.printed("adult", "--data", FOLDER.toString(), "--epochs", "5");
    double ours = auc("DeepFM", printed);
    assertTrue(ours >= 0.915, printed);
    assertTrue(ours > auc("logistic regression", printed), printed);
    assertTrue(ours > auc("gradient-boosted trees", printed), printed);
  }

  private static double auc(String name, String printed) {
    return Double.parseDouble(ExampleRun.find(printed, name + ": test AUC ([0-9.]+)"));
  }
}
