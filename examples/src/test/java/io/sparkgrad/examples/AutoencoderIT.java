package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A fit without a label on two executors, beside MLlib's principal components. */
@Tag("cluster")
class AutoencoderIT {
  @Test
  void givesDigitsBackBetterThanPrincipalComponentsOfItsWidth() throws Exception {
    String printed = ExampleRun.printed("autoencoder", "--epochs", "40");
    double ours = error("autoencoder of width 8", printed);
    assertTrue(ours < 0.9 * error("8 principal components", printed), printed);
    assertTrue(ours < 0.02, printed);
  }

  private static double error(String name, String printed) {
    return Double.parseDouble(ExampleRun.find(printed, name + ": test error ([0-9.]+)"));
  }
}
