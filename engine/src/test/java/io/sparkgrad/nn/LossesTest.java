package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What losses refuse, and how they divide; their numbers are in GoldenModulesTest. */
class LossesTest {
  @Test
  void aColumnFitsARowOfTargetsAndOtherCountsAreNamed() {
    Tensor output = Tensor.ones(4, 1);
    assertEquals(1, Losses.l1(output, Tensor.zeros(4)).mean().item());
    assertEquals(0.5, Losses.huber(output, Tensor.zeros(4)).mean().item());
    refused(
        "huber: an output of shape [4, 1] cannot be compared with targets of shape [3]",
        () -> Losses.huber(output, Tensor.zeros(3)));
  }

  @Test
  void wholeTargetsAreTakenAsNumbers() {
    Tensor classes = Tensor.of(new long[] {0, 1});
    assertEquals(Math.log(2), Losses.bceWithLogits(Tensor.zeros(2), classes).mean().item(), 1e-6);
    assertEquals(2, Losses.bceWithLogits(Tensor.zeros(2), classes).denominator());
  }

  @Test
  void whatIsNoProbabilityIsRefused() {
    refused(
        "bce: all outputs must be probabilities between 0 and 1; for scores use Losses::bceWithLogits",
        () -> Losses.bce(Tensor.tensor(0.5, 1.5), Tensor.ones(2)));
    refused(
        "multiMargin: a target must be a class number, got 0.5; for real targets use Losses::mse",
        () -> Losses.multiMargin(1).of(Tensor.ones(1, 2), Tensor.tensor(0.5).unsqueeze(0)));
    refused("huber: delta must be positive, got 0.0", () -> Losses.huber(0));
    refused("smoothL1: beta must not be negative, got -1.0", () -> Losses.smoothL1(-1));
  }

  @Test
  void ignoredTargetsCountNothing() {
    Tensor scores = Tensor.zeros(3, 2);
    Tensor classes = Tensor.of(new long[] {0, Losses.IGNORED, 1});
    Loss weighted = new CrossEntropyLoss().classWeights(3, 1);
    assertEquals(4, weighted.of(scores, classes).denominator());
    assertEquals(Math.log(2), weighted.of(scores, classes).mean().item(), 1e-6);
    assertEquals(
        1, new CrossEntropyLoss().ignoreIndex(0).of(scores, classes.clampMin(0)).denominator());
  }

  private static void refused(String text, Executable call) {
    assertEquals(text, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
