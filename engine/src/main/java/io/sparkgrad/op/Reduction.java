package io.sparkgrad.op;

import io.sparkgrad.Tensor;

/** A tensor's methods that fold dimensions. Without dimensions they fold all of it to 0-dim. */
public interface Reduction {
  private Tensor self() {
    return (Tensor) this;
  }

  default Tensor sum() {
    return Ops.call(new Sum(new int[0], false), self());
  }

  default Tensor sum(int dim) {
    return sum(dim, false);
  }

  default Tensor sum(int dim, boolean keepdim) {
    return sum(new int[] {dim}, keepdim);
  }

  default Tensor sum(int[] dim, boolean keepdim) {
    return Ops.call(new Sum(dim, keepdim), self());
  }

  /** The sum over whatever broadcasting from {@code shape} to this shape repeats. */
  default Tensor sumTo(int... shape) {
    return Sum.to(self(), shape);
  }

  default Tensor mean() {
    return Ops.call(new Mean(new int[0], false), self());
  }

  default Tensor mean(int dim) {
    return mean(dim, false);
  }

  default Tensor mean(int dim, boolean keepdim) {
    return mean(new int[] {dim}, keepdim);
  }

  default Tensor mean(int[] dim, boolean keepdim) {
    return Ops.call(new Mean(dim, keepdim), self());
  }

  default Tensor max() {
    return Ops.call(new Max(), self());
  }

  /**
   * The largest elements along a dimension.
   *
   * @param values the elements
   * @param indices int64, where they are
   */
  record MaxResult(Tensor values, Tensor indices) {}

  default MaxResult max(int dim) {
    return max(dim, false);
  }

  default MaxResult max(int dim, boolean keepdim) {
    Tensor[] out = Ops.callAll(new MaxDim(dim, keepdim), self());
    return new MaxResult(out[0], out[1]);
  }

  /** The int64 index of the largest element along a dimension. */
  default Tensor argmax(int dim) {
    return Ops.call(new Argmax(dim, false), self());
  }

  default Tensor softmax(int dim) {
    return Ops.call(new Softmax(dim), self());
  }

  default Tensor logSoftmax(int dim) {
    return Ops.call(new LogSoftmax(dim), self());
  }

  /** (this - target)², folded. */
  default Tensor mseLoss(Tensor target, Reduce reduction) {
    return Ops.call(new Mse(reduction), self(), target);
  }

  /**
   * -this[i, target[i]], folded, for log-probabilities [n, classes, ...] and int64 classes [n,
   * ...].
   */
  default Tensor nllLoss(Tensor target, Reduce reduction) {
    return Ops.call(new NllLoss(reduction), self(), target);
  }

  /**
   * The negative log-likelihood of unnormalised scores [n, classes, ...]: logSoftmax, then nllLoss.
   */
  default Tensor crossEntropy(Tensor target, Reduce reduction) {
    return logSoftmax(1).nllLoss(target, reduction);
  }
}
