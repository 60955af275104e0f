package io.sparkgrad.op.nn;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.random.RandomFill;
import java.util.Arrays;

/**
 * Elements, or whole channels, dropped at random, what stays scaled so that the mean is kept:
 * Srivastava et al. 2014. The alpha form keeps mean and variance after selu: Klambauer et al. 2017,
 * arXiv:1706.02515. As in PyTorch the mask is a product's factor, so that backward drops the same.
 */
final class Dropout {
  /* The limit of selu far below 0, without its sign. */
  private static final double SELU_FLOOR = 1.7580993408473766;

  private Dropout() {}

  static Tensor plain(String op, Tensor x, double p, boolean train, boolean channels) {
    if (isIdentity(op, x, p, train)) return x;
    if (p == 1) return x.mul(Tensor.scalar(0).to(x.dtype()));
    return x.mul(kept(op, x, p, channels).div_(1 - p));
  }

  static Tensor alpha(String op, Tensor x, double p, boolean train, boolean channels) {
    if (isIdentity(op, x, p, train)) return x;
    if (p == 1) return x.mul(Tensor.scalar(0).to(x.dtype()));
    double scale = 1 / Math.sqrt((SELU_FLOOR * SELU_FLOOR * p + 1) * (1 - p));
    Tensor kept = kept(op, x, p, channels);
    Tensor shift = kept.sub(1).mul_(SELU_FLOOR * scale).add_(SELU_FLOOR * scale * p);
    return x.mul(kept.mul_(scale)).add(shift);
  }

  private static boolean isIdentity(String op, Tensor x, double p, boolean train) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException(
          "%s: dropout probability has to be between 0 and 1, but got %s".formatted(op, p));
    }
    if (p == 0 || !train || x.numel() == 0) return true;
    if (p < 1 && !x.dtype().isFloatingPoint()) {
      throw new IllegalArgumentException(
          "%s: result type torch.float32 can't be cast to the desired output type %s"
              .formatted(op, x.dtype()));
    }
    return false;
  }

  private static Tensor kept(String op, Tensor x, double p, boolean channels) {
    int[] shape = x.shape().clone();
    if (channels) {
      if (shape.length < 2) {
        throw new IllegalArgumentException(
            op + ": Feature dropout requires at least 2 dimensions in the input");
      }
      Arrays.fill(shape, 2, shape.length, 1);
    }
    return RandomFill.bernoulli(x.newEmpty(shape), 1 - p);
  }
}
