package io.sparkgrad.op.pointwise;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Ops;

/**
 * A tensor's methods for the functions of analysis. Integers become float32 first, but for
 * rounding.
 */
public interface MathMethods extends FunctionMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  /** The n-th derivative of digamma. */
  default Tensor polygamma(int n) {
    return Ops.call(new Gamma.Polygamma(n), self());
  }

  default Tensor polygamma_(int n) {
    return Ops.inPlace(new Gamma.Polygamma(n), self());
  }

  default Tensor square() {
    return Composite.named("square", () -> self().pow(2));
  }

  default Tensor square_() {
    return Composite.named("square_", () -> self().pow_(2));
  }

  /** To the nearest whole number, of two the even. */
  default Tensor round() {
    return Ops.call(Rounding.Round.toWhole(), self());
  }

  default Tensor round_() {
    return Ops.inPlace(Rounding.Round.toWhole(), self());
  }

  /** To so many decimals; negative ones are tens, hundreds, ... */
  default Tensor round(int decimals) {
    return Ops.call(new Rounding.Round(decimals, self().dtype()), self());
  }

  default Tensor round_(int decimals) {
    return Ops.inPlace(new Rounding.Round(decimals, self().dtype()), self());
  }

  /** ln(x/(1 - x)). */
  default Tensor logit() {
    return Ops.call(new Logit(), self());
  }

  default Tensor logit_() {
    return Ops.inPlace(new Logit(), self());
  }

  /** As {@link #logit()} of this forced into [eps, 1 - eps]. */
  default Tensor logit(double eps) {
    return Ops.call(Logit.within(eps, self().dtype()), self());
  }

  default Tensor logit_(double eps) {
    return Ops.inPlace(Logit.within(eps, self().dtype()), self());
  }

  /** The angle of the point (other, this). */
  default Tensor atan2(Tensor other) {
    return Ops.call(new BinaryFunctions.Atan2(), self(), other);
  }

  default Tensor atan2_(Tensor other) {
    return Ops.inPlace(new BinaryFunctions.Atan2(), self(), other);
  }

  /** √(this² + other²). */
  default Tensor hypot(Tensor other) {
    return Ops.call(new BinaryFunctions.Hypot(), self(), other);
  }

  default Tensor hypot_(Tensor other) {
    return Ops.inPlace(new BinaryFunctions.Hypot(), self(), other);
  }

  /** this·ln(other), 0 where this is 0. */
  default Tensor xlogy(Tensor other) {
    return Ops.call(new BinaryFunctions.Xlogy(), self(), other);
  }

  default Tensor xlogy_(Tensor other) {
    return Ops.inPlace(new BinaryFunctions.Xlogy(), self(), other);
  }
}
