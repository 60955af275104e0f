package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.Tensor;
import java.util.List;
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

  /** Of some rows by weights, what it is of these rows alone. */
  @Test
  void aWeightOfZeroLeavesARowOutAndOneOfTwoCountsItTwice() {
    Tensor output = Tensor.tensor(new double[][] {{0.3, 0.7}, {0.9, 0.2}, {0.4, 0.6}});
    Tensor classes = Tensor.of(new long[] {0, Losses.IGNORED, 1});
    Tensor numbers = Tensor.tensor(new double[][] {{1, 0}, {0, 1}, {1, 1}});
    Tensor weights = Tensor.tensor(2.0, 1.0, 0.0);
    Loss[] losses = {
      Losses::mse,
      Losses::l1,
      Losses::huber,
      Losses::bce,
      Losses::bceWithLogits,
      Losses::klDiv,
      Losses::cosine,
      Losses::poissonNll,
      Losses::crossEntropy,
      Losses.multiMargin(0.5),
      new CrossEntropyLoss().classWeights(3, 1).labelSmoothing(0.1)
    };
    for (Loss loss : losses) {
      int i = List.of(losses).indexOf(loss);
      Tensor target = i < 8 ? numbers : i == 9 ? classes.clampMin(0) : classes;
      Loss.Value weighted = loss.of(output, target).weightedBy(weights);
      Tensor at = Tensor.of(new long[] {0, 0, 1});
      Loss.Value plain = loss.of(output.indexSelect(0, at), target.indexSelect(0, at));
      assertEquals(plain.denominator(), weighted.denominator());
      assertEquals(plain.sum().item(), weighted.sum().item(), 1e-6);
    }
  }

  private static void refused(String text, Executable call) {
    assertEquals(text, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
