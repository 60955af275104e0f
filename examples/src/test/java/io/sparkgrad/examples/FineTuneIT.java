package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A trained ResNet gets a new last layer, and one learns from random weights. */
@Tag("data")
class FineTuneIT {
  private static final String SHA = "weights sha256 ([0-9a-f]+)";
  private static final String FIRST_EPOCH = "\n +1 +[0-9.]+ ";

  @Test
  void theNewLayerIsAsGoodAsTheOldOneAndTheBitsAreThoseOfThreeAndAfterALoss() throws Exception {
    String two = ExampleRun.printed(arguments("resnet-finetune", 2, 2));
    assertTrue(
        Integer.parseInt(ExampleRun.find(two, "test images right (\\d+) of 1000")) >= 900, two);
    String three = ExampleRun.printed(arguments("resnet-finetune", 3, 2));
    assertEquals(ExampleRun.find(two, SHA), ExampleRun.find(three, SHA));
    String lost = ExampleRun.printedWithALossAfter(FIRST_EPOCH, arguments("resnet-finetune", 3, 2));
    assertTrue(lost.contains("Lost executor"), lost);
    assertEquals(ExampleRun.find(two, SHA), ExampleRun.find(lost, SHA));
  }

  @Test
  void batchNormsLearnTheSameBitsOnTwoAndThreeExecutorsAndAfterALoss() throws Exception {
    String two = ExampleRun.printed(arguments("cifar", 2, 2));
    String three = ExampleRun.printed(arguments("cifar", 3, 2));
    assertEquals(ExampleRun.find(two, SHA), ExampleRun.find(three, SHA));
    String lost = ExampleRun.printedWithALossAfter(FIRST_EPOCH, arguments("cifar", 3, 2));
    assertTrue(lost.contains("Lost executor"), lost);
    assertEquals(ExampleRun.find(two, SHA), ExampleRun.find(lost, SHA));
  }

  private static String[] arguments(String example, int executors, int epochs) {
    return new String[] {
      example,
      "--master",
      "local-cluster[" + executors + ",1,1024]",
      "--data",
      System.getProperty("sparkgrad.data"),
      "--epochs",
      Integer.toString(epochs)
    };
  }
}
