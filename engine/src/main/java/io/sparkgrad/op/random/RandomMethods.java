package io.sparkgrad.op.random;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Copy;
import io.sparkgrad.op.Ops;
import java.util.function.UnaryOperator;

/**
 * A tensor's methods that overwrite it with random numbers from {@code Generator.current()}: after
 * {@code manualSeed} PyTorch's, whatever its strides. What was there before gets a gradient of 0.
 */
public interface RandomMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  private Tensor drawn(String method, String node, UnaryOperator<Tensor> fill) {
    Tensor self = self();
    if (self.isSparse()) return Ops.inPlace(Copy.of(method, node), self, Tensor.number(0L));
    return Composite.inPlace(
        method,
        node,
        before -> RandomFill.without(before, fill.apply(RandomFill.like(self))),
        self);
  }

  /** Uniform in [from, to). */
  default Tensor uniform_(double from, double to) {
    return drawn("uniform", "UniformBackward0", t -> RandomFill.uniform("uniform_", t, from, to));
  }

  default Tensor uniform_() {
    return uniform_(0, 1);
  }

  /** Normal. */
  default Tensor normal_(double mean, double std) {
    return drawn(
        "normal",
        "NormalBackward0",
        t -> RandomFill.normal("normal_", t, mean, std, self().isContiguous()));
  }

  default Tensor normal_() {
    return normal_(0, 1);
  }

  /** 1 with probability p, else 0. */
  default Tensor bernoulli_(double p) {
    return drawn("bernoulli", "BernoulliBackward2", t -> RandomFill.bernoulli(t, p));
  }

  default Tensor bernoulli_() {
    return bernoulli_(0.5);
  }

  /** 1 with the probabilities of a floating tensor that expands to this shape, else 0. */
  default Tensor bernoulli_(Tensor p) {
    Tensor self = self();
    return Composite.inPlace(
        "bernoulli",
        "BernoulliBackward1",
        before ->
            RandomFill.without(
                before, RandomFill.without(p, RandomFill.bernoulli(RandomFill.like(self), p))),
        self,
        p);
  }

  /** Exponential of a rate: mean 1 / lambda. */
  default Tensor exponential_(double lambda) {
    return drawn("exponential", "ExponentialBackward0", t -> RandomFill.exponential(t, lambda));
  }

  default Tensor exponential_() {
    return exponential_(1);
  }

  /** How often one tries up to the first success, which has probability p. */
  default Tensor geometric_(double p) {
    return drawn("geometric", "GeometricBackward0", t -> RandomFill.geometric(t, p));
  }

  /** exp of a normal number of that mean and standard deviation. */
  default Tensor logNormal_(double mean, double std) {
    return drawn("logNormal", "LogNormalBackward0", t -> RandomFill.logNormal(t, mean, std));
  }

  default Tensor logNormal_() {
    return logNormal_(1, 2);
  }

  /** Cauchy's distribution. */
  default Tensor cauchy_(double median, double sigma) {
    return drawn("cauchy", "CauchyBackward0", t -> RandomFill.cauchy(t, median, sigma));
  }

  default Tensor cauchy_() {
    return cauchy_(0, 1);
  }

  /** Whole numbers in [from, to). */
  default Tensor random_(long from, long to) {
    return whole("RandomBackward0", from, to);
  }

  /** Whole numbers in [0, to). */
  default Tensor random_(long to) {
    return whole("RandomBackward1", 0, to);
  }

  private Tensor whole(String node, long from, long to) {
    return drawn(
        "random",
        node,
        t -> {
          checkBounds(t.dtype(), from, to);
          return RandomFill.ints(t, from, to);
        });
  }

  private static void checkBounds(DType type, long from, long to) {
    if (from >= to || type.isFloatingPoint()) return; // the generator says so
    long max = (long) type.largest();
    long min = type == DType.BOOL || type == DType.UINT8 ? 0 : -max - 1;
    if (from < min || from > max)
      throw new IllegalArgumentException("from is out of bounds for " + type);
    if (to - 1 > max) throw new IllegalArgumentException("to - 1 is out of bounds for " + type);
  }

  /**
   * Whole numbers from 0 to the largest of an integer type, or to 2^24 or 2^53 of a floating one.
   */
  default Tensor random_() {
    return drawn("random", "RandomBackward2", RandomFill::bits);
  }
}
