package io.sparkgrad.op.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Grad;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Ops;
import java.util.Arrays;

/** Losses of class numbers, and what they have in common: weights, ignored targets, smoothing. */
final class ClassLosses {
  private ClassLosses() {}

  /** A target of uint8, which PyTorch takes for rows of classes as it takes int64. */
  static Tensor classNumbers(Tensor x, Tensor target) {
    return target.dtype() == DType.UINT8 && x.dim() <= 2 ? target.to(DType.INT64) : target;
  }

  /** PyTorch's cross_entropy; a null weight weighs all classes alike. */
  static Tensor crossEntropy(
      Tensor x,
      Tensor target,
      Tensor weight,
      long ignoreIndex,
      Reduction reduce,
      double smoothing) {
    if (!(smoothing >= 0 && smoothing <= 1)) {
      throw new IllegalArgumentException(
          "crossEntropy: label_smoothing must be between 0.0 and 1.0. Got: " + smoothing);
    }
    checkRank("crossEntropy", x);
    Tensor classes = classNumbers(x, target);
    if (classes != target) return crossEntropy(x, classes, weight, ignoreIndex, reduce, smoothing);
    if (x.dim() == 1) {
      return Composite.of(
          "crossEntropy",
          nodeOfOneRow(x, target, reduce, smoothing),
          () -> {
            Tensor row = target.unsqueeze(0);
            Tensor one = x.unsqueeze(0);
            Tensor loss = crossEntropy(one, row, weight, ignoreIndex, reduce, smoothing);
            return reduce == Reduction.NONE ? loss.squeeze(0) : loss;
          },
          x,
          target,
          weight);
    }
    checkWeight("crossEntropy", x, weight);
    if (isProbabilities(x, target)) {
      return ofProbabilities(x, target, weight, ignoreIndex, reduce, smoothing);
    }
    if (weight == null && smoothing == 0)
      return unviewed(x, reduce, Ops.call(new CrossEntropy(ignoreIndex, reduce), x, target));
    return ofClasses(x, target, weight, ignoreIndex, reduce, smoothing);
  }

  private static boolean isProbabilities(Tensor x, Tensor target) {
    return target.dtype().isFloatingPoint() && Arrays.equals(x.shape(), target.shape());
  }

  private static String nodeOfOneRow(Tensor x, Tensor target, Reduction reduce, double smoothing) {
    if (isProbabilities(x, target))
      return reduce == Reduction.MEAN ? "DivBackward1" : "NegBackward0";
    return smoothing == 0 ? "NllLossBackward0" : "AddBackward0";
  }

  private static Tensor ofClasses(
      Tensor x,
      Tensor target,
      Tensor weight,
      long ignoreIndex,
      Reduction reduce,
      double smoothing) {
    Tensor logs = x.logSoftmax(1);
    Tensor atTarget = nll(logs, target, weight, ignoreIndex, reduce);
    if (smoothing == 0) return atTarget;
    Tensor overAll = (weight == null ? logs : logs.mul(perClass(x, weight))).sum(1).neg();
    Tensor losses = unlessIgnored(overAll, target, ignoreIndex);
    Tensor count =
        weight == null ? count(x, target, ignoreIndex) : weights(weight, target, ignoreIndex).sum();
    return atTarget.mul(1 - smoothing).add(fold(losses, reduce, count).mul(smoothing / x.size(1)));
  }

  private static Tensor ofProbabilities(
      Tensor x,
      Tensor target,
      Tensor weight,
      long ignoreIndex,
      Reduction reduce,
      double smoothing) {
    if (ignoreIndex >= 0) {
      throw new IllegalArgumentException(
          "crossEntropy: ignore_index is not supported for floating point target");
    }
    Tensor smooth = smoothing == 0 ? target : target.mul(1 - smoothing).add(smoothing / x.size(1));
    Tensor weighed = weight == null ? smooth : smooth.mul(perClass(x, weight));
    Tensor products = x.logSoftmax(1).mul(weighed);
    double rows = (double) x.numel() / x.size(1);
    return switch (reduce) {
      case NONE -> products.sum(1).neg();
      case SUM -> products.sum().neg();
      case MEAN -> Ops.named("DivBackward1", products.sum().neg().div(rows));
    };
  }

  /** PyTorch's nll_loss; a null weight weighs all classes alike. */
  static Tensor nll(Tensor x, Tensor target, Tensor weight, long ignoreIndex, Reduction reduce) {
    checkRank("nllLoss", x);
    if (x.dim() == 1) {
      return Composite.of(
          "nllLoss",
          () -> {
            Tensor loss = nll(x.unsqueeze(0), target.unsqueeze(0), weight, ignoreIndex, reduce);
            return reduce == Reduction.NONE ? loss.squeeze(0) : loss;
          },
          x);
    }
    if (isViewed(x)) return nllOfView(x, target, weight, ignoreIndex, reduce);
    if (weight == null) return Ops.call(new NllLoss(ignoreIndex, reduce), x, target);
    checkWeight("nllLoss", x, weight);
    if (weight.requiresGrad() && Grad.isEnabled()) {
      throw new AutogradException(
          "The function 'nllLoss' is not differentiable with respect to argument 'weight'. This input cannot have"
              + " requires_grad True; give it weight.detach()");
    }
    if (weight.dtype() != x.dtype()) {
      throw new IllegalArgumentException(
          "nllLoss: expected a weight of the input's type %s but found %s"
              .formatted(x.dtype(), weight.dtype()));
    }
    return Composite.of(
        "nllLoss",
        new NllLoss(ignoreIndex, reduce).nodeName(x),
        () -> {
          Tensor losses = Ops.call(new NllLoss(ignoreIndex, Reduction.NONE), x, target);
          Tensor weights = weights(weight, target, ignoreIndex);
          return fold(losses.mul(weights), reduce, reduce == Reduction.MEAN ? weights.sum() : null);
        },
        x);
  }

  /* PyTorch knows scores of two and of four dimensions and views others as these: [n, classes, 1, rest]. */
  private static boolean isViewed(Tensor x) {
    return x.dim() == 3 || x.dim() > 4;
  }

  private static Tensor nllOfView(
      Tensor x, Tensor target, Tensor weight, long ignoreIndex, Reduction reduce) {
    checkShape("nllLoss", x, target);
    int rest = Shape.numel(Arrays.copyOfRange(x.shape(), 2, x.dim()));
    Tensor scores = x.contiguous().view(x.size(0), x.size(1), 1, rest);
    Tensor classes = target.contiguous().view(x.size(0), 1, rest);
    Tensor loss = nll(scores, classes, weight, ignoreIndex, reduce);
    return reduce == Reduction.NONE ? loss.view(target.shape()) : loss;
  }

  private static Tensor unviewed(Tensor x, Reduction reduce, Tensor loss) {
    return isViewed(x) && reduce == Reduction.NONE ? loss.view(loss.shape()) : loss;
  }

  private static void checkRank(String op, Tensor x) {
    if (x.dim() == 0)
      throw new IllegalArgumentException(op + ": Expected 1 or more dimensions (got 0)");
  }

  private static void checkWeight(String op, Tensor x, Tensor weight) {
    if (weight == null || weight.dim() == 1 && weight.size(0) == x.size(1)) return;
    throw new IllegalArgumentException(
        "%s: weight tensor should be defined either for all %d classes or no classes but got weight tensor of shape: %s"
            .formatted(op, x.size(1), Arrays.toString(weight.shape())));
  }

  /* The weights in the shape of x's other dimensions. */
  private static Tensor perClass(Tensor x, Tensor weight) {
    int[] shape = new int[x.dim() - 1];
    Arrays.fill(shape, 1);
    shape[0] = weight.size(0);
    return weight.reshape(shape);
  }

  private static Tensor weights(Tensor weight, Tensor target, long ignoreIndex) {
    Tensor classes = inRange(target, ignoreIndex).reshape(target.numel());
    return unlessIgnored(weight.gather(0, classes).reshape(target.shape()), target, ignoreIndex);
  }

  /** How many targets count, in x's type. */
  static Tensor count(Tensor x, Tensor target, long ignoreIndex) {
    return target.ne(ignoreIndex).sum().to(x.dtype());
  }

  /** The losses, their sum, or that by the count; none makes NaN. */
  static Tensor fold(Tensor losses, Reduction reduce, Tensor count) {
    return switch (reduce) {
      case NONE -> losses;
      case SUM -> losses.sum();
      case MEAN -> losses.sum().div(count);
    };
  }

  /** The number where the target counts, else 0, even for infinity. */
  static Tensor unlessIgnored(Tensor x, Tensor target, long ignoreIndex) {
    return target.ne(ignoreIndex).where(x, Tensor.zeros(x.dtype()));
  }

  /** The targets with 0 where they do not count, so that all can be looked up. */
  static Tensor inRange(Tensor target, long ignoreIndex) {
    return target.ne(ignoreIndex).where(target, Tensor.number(0L));
  }

  static void check(String op, Tensor x, Tensor target, long ignoreIndex) {
    checkShape(op, x, target);
    if (!x.dtype().isFloatingPoint()) {
      throw new IllegalArgumentException(
          "%s: not implemented for %s; use .to(FLOAT32)".formatted(op, x.dtype()));
    }
    if (target.dtype() != DType.INT64) {
      throw new IllegalArgumentException(
          "%s: expected a target of int64 class numbers, got %s; probabilities of classes come in the shape of the input"
              .formatted(op, target.dtype()));
    }
    /* On a GPU the lookup finds it, without a wait. */
    if (!target.device().isCuda()) checkRange(target, x.shape()[1], ignoreIndex);
  }

  private static void checkShape(String op, Tensor x, Tensor target) {
    int[] expected = new int[Math.max(0, x.dim() - 1)];
    for (int d = 0; d < expected.length; d++) expected[d] = x.shape()[d == 0 ? 0 : d + 1];
    if (x.dim() < 2 || !Arrays.equals(expected, target.shape())) {
      throw new IllegalArgumentException(
          "%s: an input of shape %s (rows, classes, ...) needs a target of shape %s, got %s"
              .formatted(
                  op,
                  Arrays.toString(x.shape()),
                  Arrays.toString(expected),
                  Arrays.toString(target.shape())));
    }
  }

  private static void checkRange(Tensor target, int classes, long ignoreIndex) {
    long[] classNumbers = Ops.copy(target, Device.CPU, DType.INT64).storage().array();
    for (long t : classNumbers) {
      if ((t < 0 || t >= classes) && t != ignoreIndex) {
        throw new IndexOutOfBoundsException(
            "Target %s is out of bounds: there are %s classes".formatted(t, classes));
      }
    }
  }
}
