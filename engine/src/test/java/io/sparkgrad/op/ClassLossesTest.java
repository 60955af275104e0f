package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.autograd.GradOptions;
import io.sparkgrad.op.nn.Reduction;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Cross entropy and the negative log-likelihood beside PyTorch's numbers: edges and errors. */
class ClassLossesTest {
  private static final Tensor WEIGHT = Tensor.tensor(1.0, 2.0, 3.0, 4.0);

  private static Tensor scores() {
    return Tensor.of(new float[] {1, 2, 3, 4, 4, 3, 2, 1}, 2, 4).requiresGrad_();
  }

  @Test
  void ofLargeScores() {
    Tensor x = Tensor.tensor(new double[][] {{1000, 0}});
    assertEquals(1000, x.crossEntropy(Tensor.tensor(1L), Reduction.MEAN).item());
    assertEquals(0, x.crossEntropy(Tensor.tensor(0L), Reduction.MEAN).item());
  }

  @Test
  void wereAllTargetsIgnoredTheMeanIsNanAndTheGradientZero() {
    Tensor none = Tensor.tensor(-100L, -100L);
    for (Tensor weight : new Tensor[] {null, WEIGHT}) {
      for (double smoothing : new double[] {0, 0.5}) {
        Tensor x = scores();
        Tensor loss = x.crossEntropy(none, weight, -100, Reduction.MEAN, smoothing);
        assertEquals(Double.NaN, loss.item());
        for (GradOptions options :
            new GradOptions[] {GradOptions.of().retainGraph(), GradOptions.of().createGraph()}) {
          Tensor g = Autograd.grad(List.of(loss), List.of(x), options).get(0);
          assertArrayEquals(new double[8], g.toDoubles());
        }
      }
    }
  }

  @Test
  void anIgnoredRowMayHoldInfinities() {
    Tensor x = Tensor.of(new float[] {Float.POSITIVE_INFINITY, 0, 1, 1}, 2, 2).requiresGrad_();
    Tensor loss = x.crossEntropy(Tensor.tensor(-100L, 0L), Reduction.MEAN);
    loss.backward();
    assertEquals(Math.log(2), loss.item(), 1e-7);
    assertArrayEquals(new double[] {0, 0, -0.5, 0.5}, x.grad().toDoubles(), 1e-7);
  }

  @Test
  void weightsDivideTheMeanAndSmoothingSpreadsTheTarget() {
    Tensor target = Tensor.tensor(0L, 3L);
    Tensor loss = scores().crossEntropy(target, WEIGHT, -100, Reduction.MEAN, 0.1);
    assertEquals(3.290189743, loss.item(), 1e-6);
    Tensor each = scores().crossEntropy(target, WEIGHT, -100, Reduction.NONE, 0);
    assertArrayEquals(new double[] {3.4401897, 13.760758}, each.toDoubles(), 1e-5);
    Tensor logs = scores().logSoftmax(1);
    assertArrayEquals(
        each.toDoubles(), logs.nllLoss(target, WEIGHT, -100, Reduction.NONE).toDoubles(), 1e-5);
  }

  /* PyTorch takes them for [n, classes], and int64 alone for images. */
  @Test
  void classesOfRowsMayBeUint8() {
    Tensor target = Tensor.tensor(0L, 3L);
    Tensor bytes = target.to(DType.UINT8);
    for (Tensor weight : new Tensor[] {null, WEIGHT}) {
      assertEquals(
          scores().crossEntropy(target, weight, -100, Reduction.MEAN, 0.1).item(),
          scores().crossEntropy(bytes, weight, -100, Reduction.MEAN, 0.1).item());
      assertEquals(
          scores().nllLoss(target, weight, 3, Reduction.SUM).item(),
          scores().nllLoss(bytes, weight, 3, Reduction.SUM).item());
    }
    Tensor image = Tensor.zeros(2, 4, 1);
    assertThrows(
        IllegalArgumentException.class, () -> image.nllLoss(bytes.view(2, 1), Reduction.MEAN));
    assertThrows(
        IllegalArgumentException.class,
        () -> scores().nllLoss(target.to(DType.INT16), Reduction.MEAN));
  }

  /* PyTorch 1.13: mse_loss subtracts in the common type, which must be floating. */
  @Test
  void squaredDifferencesToBoolAndIntegers() {
    Tensor x = Tensor.tensor(1.0, -2.0, 0.5).requiresGrad_();
    Tensor loss = x.mseLoss(Tensor.of(new boolean[] {true, false, true}, 3), Reduction.MEAN);
    loss.backward();
    assertEquals(DType.FLOAT32, loss.dtype());
    assertEquals(1.4166666, loss.item(), 1e-6);
    assertArrayEquals(new double[] {0, -1.3333334, -0.33333334}, x.grad().toDoubles(), 1e-6);
    Tensor ints = Tensor.tensor(1L, 2L, 3L);
    assertEquals(22.25, x.detach().mseLoss(ints, Reduction.SUM).item());
    assertThrows(IllegalArgumentException.class, () -> ints.mseLoss(ints, Reduction.NONE));
  }

  @Test
  void oneRowMayComeWithoutItsDimension() {
    Tensor x = Tensor.tensor(1.0, 2.0, 3.0);
    Tensor loss = x.crossEntropy(Tensor.of(new long[] {2}, new int[0]), Reduction.NONE);
    assertArrayEquals(new int[0], loss.shape());
    assertEquals(0.40760594606, loss.item(), 1e-6);
    Tensor leaf = x.detach().requiresGrad_();
    assertEquals(
        "DivBackward1",
        leaf.crossEntropy(x.softmax(0), Reduction.MEAN).gradFn().name()); // PyTorch's
    assertEquals("NegBackward0", leaf.crossEntropy(x.softmax(0), Reduction.SUM).gradFn().name());
    Tensor third = Tensor.of(new long[] {2}, new int[0]);
    assertEquals("NllLossBackward0", leaf.crossEntropy(third, Reduction.SUM).gradFn().name());
    Tensor smooth = leaf.crossEntropy(third, null, -100, Reduction.SUM, 0.5);
    assertEquals("AddBackward0", smooth.gradFn().name());
    Tensor logs = x.logSoftmax(0);
    assertEquals(
        0.40760594606,
        logs.nllLoss(Tensor.of(new long[] {2}, new int[0]), Reduction.MEAN).item(),
        1e-6);
  }

  @Test
  void aChangeOfTheScoresInPlaceIsNoticed() {
    Tensor x = scores().mul(1);
    Tensor loss = x.crossEntropy(Tensor.tensor(0L, 1L), Reduction.MEAN);
    x.add_(Tensor.scalar(1));
    assertThrows(io.sparkgrad.autograd.AutogradException.class, loss::backward);
  }

  @Test
  void theGraphPrintsAsPyTorchs() {
    assertEquals(
        "NllLossBackward0",
        scores().crossEntropy(Tensor.tensor(0L, 1L), Reduction.MEAN).gradFn().name());
  }

  @Test
  void wrongArgumentsAreNamed() {
    Tensor x = scores();
    Tensor target = Tensor.tensor(0L, 1L);
    refused(
        "Target 4 is out of bounds: there are 4 classes",
        () -> x.crossEntropy(Tensor.tensor(0L, 4L), Reduction.MEAN));
    refused(
        "crossEntropy: label_smoothing must be between 0.0 and 1.0. Got: 2.0",
        () -> x.crossEntropy(target, null, -100, Reduction.MEAN, 2));
    refused(
        "crossEntropy: weight tensor should be defined either for all 4 classes or no classes but got weight tensor of"
            + " shape: [3]",
        () -> x.crossEntropy(target, Tensor.ones(3), -100, Reduction.MEAN, 0));
    refused(
        "crossEntropy: expected a target of int64 class numbers, got "
            + DType.FLOAT32
            + "; probabilities of classes come in the shape of the input",
        () -> x.crossEntropy(Tensor.tensor(0.0, 1.0), Reduction.MEAN));
    refused(
        "crossEntropy: ignore_index is not supported for floating point target",
        () -> x.crossEntropy(Tensor.ones(2, 4), null, 1, Reduction.MEAN, 0));
    refused(
        "crossEntropy: an input of shape [2, 4] (rows, classes, ...) needs a target of shape [2], got [3]",
        () -> x.crossEntropy(Tensor.tensor(0L, 1L, 2L), Reduction.MEAN));
  }

  private static void refused(String text, Executable call) {
    assertEquals(text, assertThrows(RuntimeException.class, call).getMessage());
  }
}
