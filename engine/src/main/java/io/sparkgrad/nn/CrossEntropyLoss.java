package io.sparkgrad.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.nn.Reduction;
import java.util.Arrays;

/**
 * {@link Losses#crossEntropy} with its options: {@code new CrossEntropyLoss().labelSmoothing(0.1)}.
 * Immutable: each method gives another loss.
 */
public final class CrossEntropyLoss implements Loss {
  private static final long serialVersionUID = 1;

  private final double[] classWeights; // null: all alike
  private final double labelSmoothing;
  private final long ignoreIndex;

  public CrossEntropyLoss() {
    this(null, 0, Losses.IGNORED);
  }

  private CrossEntropyLoss(double[] classWeights, double labelSmoothing, long ignoreIndex) {
    this.classWeights = classWeights;
    this.labelSmoothing = labelSmoothing;
    this.ignoreIndex = ignoreIndex;
  }

  /** Weighs the rows by their classes; the loss divides by the sum of the weights. */
  public CrossEntropyLoss classWeights(double... weights) {
    return new CrossEntropyLoss(weights.clone(), labelSmoothing, ignoreIndex);
  }

  /** Takes so much of the target's probability and spreads it over all classes, from 0 to 1. */
  public CrossEntropyLoss labelSmoothing(double share) {
    if (!(share >= 0 && share <= 1))
      throw new IllegalArgumentException(
          "labelSmoothing must be between 0.0 and 1.0. Got: " + share);
    return new CrossEntropyLoss(classWeights, share, ignoreIndex);
  }

  /** The target that does not count, instead of {@link Losses#IGNORED}. */
  public CrossEntropyLoss ignoreIndex(long target) {
    return new CrossEntropyLoss(classWeights, labelSmoothing, target);
  }

  @Override
  public Value of(Tensor output, Tensor target) {
    Tensor classes = Losses.classNumbers("crossEntropy", target);
    Tensor weight =
        classWeights == null
            ? null
            : Tensor.tensor(classWeights).to(output.device()).to(output.dtype());
    Tensor sum = output.crossEntropy(classes, weight, ignoreIndex, Reduction.SUM, labelSmoothing);
    Tensor counts = counts(classes, weight);
    Tensor count = counts.to(DType.FLOAT64).sum();
    Value value =
        classes.device().isCuda() ? Value.counted(sum, count) : new Value(sum, count.item());
    return value.byRows(
        () ->
            new Rows(
                Losses.inRows(
                    output.crossEntropy(
                        classes, weight, ignoreIndex, Reduction.NONE, labelSmoothing)),
                Losses.inRows(counts.to(output.dtype()))));
  }

  /** What each target counts: its class's weight, or one; ignored ones nothing. */
  private Tensor counts(Tensor classes, Tensor weight) {
    Tensor counts = classes.ne(ignoreIndex);
    return weight == null
        ? counts
        : weight.take(counts.where(classes, Tensor.number(0L))).mul(counts);
  }

  @Override
  public String toString() {
    return "CrossEntropyLoss(classWeights=%s, labelSmoothing=%s, ignoreIndex=%s)"
        .formatted(
            classWeights == null ? "none" : Arrays.toString(classWeights),
            Repr.of(labelSmoothing),
            ignoreIndex);
  }
}
