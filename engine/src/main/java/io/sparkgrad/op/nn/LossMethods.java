package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.CallError;
import io.sparkgrad.op.Ops;

/** A tensor's methods that compare it with a target. */
public interface LossMethods {
  /** The target that losses of classes ignore unless they are given another. */
  long IGNORE_INDEX = -100;

  private Tensor self() {
    return (Tensor) this;
  }

  /** (this - target)², folded. */
  default Tensor mseLoss(Tensor target, Reduction reduction) {
    return Ops.call(new Mse(reduction), self(), target);
  }

  /**
   * -this[i, target[i]], folded, for log-probabilities [n, classes, ...] and int64 classes [n,
   * ...].
   */
  default Tensor nllLoss(Tensor target, Reduction reduction) {
    return nllLoss(target, null, IGNORE_INDEX, reduction);
  }

  /** As {@link #nllLoss(Tensor, Reduce)}; targets equal to ignoreIndex count nothing. */
  default Tensor nllLoss(Tensor target, long ignoreIndex, Reduction reduction) {
    return nllLoss(target, null, ignoreIndex, reduction);
  }

  /**
   * As {@link #nllLoss(Tensor, Reduce)}, each class with its weight, by whose sum the mean divides.
   *
   * @param weight [classes], or null
   * @param ignoreIndex the target that counts nothing; -100 unless another is wanted
   */
  default Tensor nllLoss(Tensor target, Tensor weight, long ignoreIndex, Reduction reduction) {
    Tensor classes = ClassLosses.classNumbers(self(), target);
    return ClassLosses.nll(self(), classes, weight, ignoreIndex, reduction);
  }

  /**
   * The negative log-likelihood of unnormalised scores [n, classes, ...]: logSoftmax, then nllLoss.
   */
  default Tensor crossEntropy(Tensor target, Reduction reduction) {
    return crossEntropy(target, null, IGNORE_INDEX, reduction, 0);
  }

  /** As {@link #crossEntropy(Tensor, Reduce)}; targets equal to ignoreIndex count nothing. */
  default Tensor crossEntropy(Tensor target, long ignoreIndex, Reduction reduction) {
    return crossEntropy(target, null, ignoreIndex, reduction, 0);
  }

  /**
   * As {@link #crossEntropy(Tensor, Reduce)}, with the arguments of {@link #nllLoss(Tensor, Tensor,
   * long, Reduce)}. A floating target of this shape gives probabilities of classes.
   *
   * @param labelSmoothing the part of each target that is spread over all classes
   */
  default Tensor crossEntropy(
      Tensor target, Tensor weight, long ignoreIndex, Reduction reduction, double labelSmoothing) {
    try {
      Tensor classes = ClassLosses.classNumbers(self(), target);
      return ClassLosses.crossEntropy(
          self(), classes, weight, ignoreIndex, reduction, labelSmoothing);
    } catch (RuntimeException e) {
      throw CallError.of("crossEntropy", e);
    }
  }
}
