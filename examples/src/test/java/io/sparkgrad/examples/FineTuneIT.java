package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A trained ResNet gets a new last layer on two executors. */
@Tag("data")
class FineTuneIT {
  @Test
  void theNewLayerIsAsGoodAsTheOldOneAndTheBitsAreThoseOfThree() throws Exception {
    String two = run("local-cluster[2,1,1024]");
    assertTrue(
        Integer.parseInt(ExampleRun.find(two, "test images right (\\d+) of 1000")) >= 900, two);
    String sha = "weights sha256 ([0-9a-f]+)";
    assertEquals(ExampleRun.find(two, sha), ExampleRun.find(run("local-cluster[3,1,1024]"), sha));
  }

  private static String run(String master) throws Exception {
    return ExampleRun.printed(
        "resnet-finetune",
        "--master",
        master,
        "--data",
        System.getProperty("sparkgrad.data"),
        "--epochs",
        "2");
  }
}
