package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Pipeline is tuned by CrossValidator, saved, and read by another process. */
@Tag("data")
class AdultPipelineIT {
  private static final String FOLDER =
      Path.of(System.getProperty("sparkgrad.data"), "adult").toString();

  @Test
  void theSavedPipelinePredictsTheSameInAFreshProcess(@TempDir Path out) throws Exception {
    String model = out.resolve("model").toString();
    String fitted =
        ExampleRun.printed(
            "adult-pipeline", "--data", FOLDER, "--model", model, "--epochs", "4", "--peers", "0");
    String auc = ExampleRun.find(fitted, "in a Pipeline: test AUC ([0-9.]+)");
    assertTrue(Double.parseDouble(auc) >= 0.915, fitted);
    String loaded =
        ExampleRun.printed("adult-pipeline", "--data", FOLDER, "--model", model, "--load");
    for (String line : new String[] {": test AUC ([0-9.]+)", "sum of probabilities ([0-9.]+)"})
      assertEquals(ExampleRun.find(fitted, line), ExampleRun.find(loaded, line));
  }
}
