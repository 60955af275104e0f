package io.sparkgrad.op.pointwise;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Ops;

/**
 * A tensor's methods for the functions of analysis. Integers become float32 first, but for
 * rounding.
 */
public interface MathMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  default Tensor sin() {
    return Ops.call(new Trigonometry.Sin(), self());
  }

  default Tensor sin_() {
    return Ops.inPlace(new Trigonometry.Sin(), self());
  }

  default Tensor cos() {
    return Ops.call(new Trigonometry.Cos(), self());
  }

  default Tensor cos_() {
    return Ops.inPlace(new Trigonometry.Cos(), self());
  }

  default Tensor tan() {
    return Ops.call(new Trigonometry.Tan(), self());
  }

  default Tensor tan_() {
    return Ops.inPlace(new Trigonometry.Tan(), self());
  }

  default Tensor asin() {
    return Ops.call(new Trigonometry.Asin(), self());
  }

  default Tensor asin_() {
    return Ops.inPlace(new Trigonometry.Asin(), self());
  }

  default Tensor acos() {
    return Ops.call(new Trigonometry.Acos(), self());
  }

  default Tensor acos_() {
    return Ops.inPlace(new Trigonometry.Acos(), self());
  }

  default Tensor atan() {
    return Ops.call(new Trigonometry.Atan(), self());
  }

  default Tensor atan_() {
    return Ops.inPlace(new Trigonometry.Atan(), self());
  }

  default Tensor sinh() {
    return Ops.call(new Trigonometry.Sinh(), self());
  }

  default Tensor sinh_() {
    return Ops.inPlace(new Trigonometry.Sinh(), self());
  }

  default Tensor cosh() {
    return Ops.call(new Trigonometry.Cosh(), self());
  }

  default Tensor cosh_() {
    return Ops.inPlace(new Trigonometry.Cosh(), self());
  }

  default Tensor asinh() {
    return Ops.call(new Trigonometry.Asinh(), self());
  }

  default Tensor asinh_() {
    return Ops.inPlace(new Trigonometry.Asinh(), self());
  }

  default Tensor acosh() {
    return Ops.call(new Trigonometry.Acosh(), self());
  }

  default Tensor acosh_() {
    return Ops.inPlace(new Trigonometry.Acosh(), self());
  }

  default Tensor atanh() {
    return Ops.call(new Trigonometry.Atanh(), self());
  }

  default Tensor atanh_() {
    return Ops.inPlace(new Trigonometry.Atanh(), self());
  }

  /** sin(πx)/(πx). */
  default Tensor sinc() {
    return Ops.call(new Trigonometry.Sinc(), self());
  }

  default Tensor sinc_() {
    return Ops.inPlace(new Trigonometry.Sinc(), self());
  }

  default Tensor exp2() {
    return Ops.call(new Exponentials.Exp2(), self());
  }

  default Tensor exp2_() {
    return Ops.inPlace(new Exponentials.Exp2(), self());
  }

  default Tensor expm1() {
    return Ops.call(new Exponentials.Expm1(), self());
  }

  default Tensor expm1_() {
    return Ops.inPlace(new Exponentials.Expm1(), self());
  }

  default Tensor log1p() {
    return Ops.call(new Exponentials.Log1p(), self());
  }

  default Tensor log1p_() {
    return Ops.inPlace(new Exponentials.Log1p(), self());
  }

  default Tensor log2() {
    return Ops.call(new Exponentials.Log2(), self());
  }

  default Tensor log2_() {
    return Ops.inPlace(new Exponentials.Log2(), self());
  }

  default Tensor log10() {
    return Ops.call(new Exponentials.Log10(), self());
  }

  default Tensor log10_() {
    return Ops.inPlace(new Exponentials.Log10(), self());
  }

  default Tensor rsqrt() {
    return Ops.call(new Exponentials.Rsqrt(), self());
  }

  default Tensor rsqrt_() {
    return Ops.inPlace(new Exponentials.Rsqrt(), self());
  }

  default Tensor reciprocal() {
    return Ops.call(new Exponentials.Reciprocal(), self());
  }

  default Tensor reciprocal_() {
    return Ops.inPlace(new Exponentials.Reciprocal(), self());
  }

  default Tensor erf() {
    return Ops.call(new Exponentials.Erf(), self());
  }

  default Tensor erf_() {
    return Ops.inPlace(new Exponentials.Erf(), self());
  }

  /** The inverse of erf. */
  default Tensor erfinv() {
    return Ops.call(new Exponentials.Erfinv(), self());
  }

  default Tensor erfinv_() {
    return Ops.inPlace(new Exponentials.Erfinv(), self());
  }

  /** ln |Γ(x)|. */
  default Tensor lgamma() {
    return Ops.call(new Gamma.Lgamma(), self());
  }

  default Tensor lgamma_() {
    return Ops.inPlace(new Gamma.Lgamma(), self());
  }

  /** Γ'(x)/Γ(x). */
  default Tensor digamma() {
    return Ops.call(new Gamma.Digamma(), self());
  }

  default Tensor digamma_() {
    return Ops.inPlace(new Gamma.Digamma(), self());
  }

  /** The n-th derivative of digamma. */
  default Tensor polygamma(int n) {
    return Ops.call(new Gamma.Polygamma(n), self());
  }

  default Tensor polygamma_(int n) {
    return Ops.inPlace(new Gamma.Polygamma(n), self());
  }

  default Tensor erfc() {
    return Ops.call(new Exponentials.Erfc(), self());
  }

  default Tensor erfc_() {
    return Ops.inPlace(new Exponentials.Erfc(), self());
  }

  default Tensor square() {
    return Composite.named("square", () -> self().pow(2));
  }

  default Tensor square_() {
    return Composite.named("square_", () -> self().pow_(2));
  }

  default Tensor floor() {
    return Ops.call(new Rounding.Floor(), self());
  }

  default Tensor floor_() {
    return Ops.inPlace(new Rounding.Floor(), self());
  }

  default Tensor ceil() {
    return Ops.call(new Rounding.Ceil(), self());
  }

  default Tensor ceil_() {
    return Ops.inPlace(new Rounding.Ceil(), self());
  }

  default Tensor trunc() {
    return Ops.call(new Rounding.Trunc(), self());
  }

  default Tensor trunc_() {
    return Ops.inPlace(new Rounding.Trunc(), self());
  }

  default Tensor frac() {
    return Ops.call(new Rounding.Frac(), self());
  }

  default Tensor frac_() {
    return Ops.inPlace(new Rounding.Frac(), self());
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
    return Ops.call(new Rounding.Round(decimals), self());
  }

  default Tensor round_(int decimals) {
    return Ops.inPlace(new Rounding.Round(decimals), self());
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
