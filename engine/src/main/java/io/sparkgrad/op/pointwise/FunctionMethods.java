package io.sparkgrad.op.pointwise;

import io.sparkgrad.Tensor;
import io.sparkgrad.op.Ops;

/**
 * A tensor's methods for functions of one number, and the same in place; integers become float32
 * first, but for rounding. Written by FunctionMethodsTest from {@link PointwiseOps#ALL}.
 */
public interface FunctionMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  /** acos x. */
  default Tensor acos() {
    return Ops.call(new Trigonometry.Acos(), self());
  }

  /** {@link #acos} in place. */
  default Tensor acos_() {
    return Ops.inPlace(new Trigonometry.Acos(), self());
  }

  /** ln(x + √(x² - 1)). */
  default Tensor acosh() {
    return Ops.call(new Trigonometry.Acosh(), self());
  }

  /** {@link #acosh} in place. */
  default Tensor acosh_() {
    return Ops.inPlace(new Trigonometry.Acosh(), self());
  }

  /** asin x. */
  default Tensor asin() {
    return Ops.call(new Trigonometry.Asin(), self());
  }

  /** {@link #asin} in place. */
  default Tensor asin_() {
    return Ops.inPlace(new Trigonometry.Asin(), self());
  }

  /** ln(x + √(x² + 1)). */
  default Tensor asinh() {
    return Ops.call(new Trigonometry.Asinh(), self());
  }

  /** {@link #asinh} in place. */
  default Tensor asinh_() {
    return Ops.inPlace(new Trigonometry.Asinh(), self());
  }

  /** atan x. */
  default Tensor atan() {
    return Ops.call(new Trigonometry.Atan(), self());
  }

  /** {@link #atan} in place. */
  default Tensor atan_() {
    return Ops.inPlace(new Trigonometry.Atan(), self());
  }

  /** ½ ln((1 + x)/(1 - x)). */
  default Tensor atanh() {
    return Ops.call(new Trigonometry.Atanh(), self());
  }

  /** {@link #atanh} in place. */
  default Tensor atanh_() {
    return Ops.inPlace(new Trigonometry.Atanh(), self());
  }

  /** The smallest whole number that is not below x. */
  default Tensor ceil() {
    return Ops.call(new Rounding.Ceil(), self());
  }

  /** {@link #ceil} in place. */
  default Tensor ceil_() {
    return Ops.inPlace(new Rounding.Ceil(), self());
  }

  /** cos x. */
  default Tensor cos() {
    return Ops.call(new Trigonometry.Cos(), self());
  }

  /** {@link #cos} in place. */
  default Tensor cos_() {
    return Ops.inPlace(new Trigonometry.Cos(), self());
  }

  /** (eˣ + e⁻ˣ)/2. */
  default Tensor cosh() {
    return Ops.call(new Trigonometry.Cosh(), self());
  }

  /** {@link #cosh} in place. */
  default Tensor cosh_() {
    return Ops.inPlace(new Trigonometry.Cosh(), self());
  }

  /** ψ(x) = Γ'(x)/Γ(x). */
  default Tensor digamma() {
    return Ops.call(new Gamma.Digamma(), self());
  }

  /** {@link #digamma} in place. */
  default Tensor digamma_() {
    return Ops.inPlace(new Gamma.Digamma(), self());
  }

  /** -x ln x, the entropy of a part: 0 at 0, -∞ below. */
  default Tensor entr() {
    return Ops.call(new Entr(), self());
  }

  /** 2/√π ∫₀ˣ exp(-t²) dt. */
  default Tensor erf() {
    return Ops.call(new Exponentials.Erf(), self());
  }

  /** {@link #erf} in place. */
  default Tensor erf_() {
    return Ops.inPlace(new Exponentials.Erf(), self());
  }

  /** 1 - erf x, exact where erf is near 1. */
  default Tensor erfc() {
    return Ops.call(new Exponentials.Erfc(), self());
  }

  /** {@link #erfc} in place. */
  default Tensor erfc_() {
    return Ops.inPlace(new Exponentials.Erfc(), self());
  }

  /** The inverse of erf. */
  default Tensor erfinv() {
    return Ops.call(new Exponentials.Erfinv(), self());
  }

  /** {@link #erfinv} in place. */
  default Tensor erfinv_() {
    return Ops.inPlace(new Exponentials.Erfinv(), self());
  }

  /** 2ˣ. */
  default Tensor exp2() {
    return Ops.call(new Exponentials.Exp2(), self());
  }

  /** {@link #exp2} in place. */
  default Tensor exp2_() {
    return Ops.inPlace(new Exponentials.Exp2(), self());
  }

  /** eˣ - 1, exact near 0. */
  default Tensor expm1() {
    return Ops.call(new Exponentials.Expm1(), self());
  }

  /** {@link #expm1} in place. */
  default Tensor expm1_() {
    return Ops.inPlace(new Exponentials.Expm1(), self());
  }

  /** The largest whole number that is not above x. */
  default Tensor floor() {
    return Ops.call(new Rounding.Floor(), self());
  }

  /** {@link #floor} in place. */
  default Tensor floor_() {
    return Ops.inPlace(new Rounding.Floor(), self());
  }

  /** x - trunc x. */
  default Tensor frac() {
    return Ops.call(new Rounding.Frac(), self());
  }

  /** {@link #frac} in place. */
  default Tensor frac_() {
    return Ops.inPlace(new Rounding.Frac(), self());
  }

  /** ln |Γ(x)|. */
  default Tensor lgamma() {
    return Ops.call(new Gamma.Lgamma(), self());
  }

  /** {@link #lgamma} in place. */
  default Tensor lgamma_() {
    return Ops.inPlace(new Gamma.Lgamma(), self());
  }

  /** log₁₀ x. */
  default Tensor log10() {
    return Ops.call(new Exponentials.Log10(), self());
  }

  /** {@link #log10} in place. */
  default Tensor log10_() {
    return Ops.inPlace(new Exponentials.Log10(), self());
  }

  /** ln(1 + x), exact near 0. */
  default Tensor log1p() {
    return Ops.call(new Exponentials.Log1p(), self());
  }

  /** {@link #log1p} in place. */
  default Tensor log1p_() {
    return Ops.inPlace(new Exponentials.Log1p(), self());
  }

  /** log₂ x. */
  default Tensor log2() {
    return Ops.call(new Exponentials.Log2(), self());
  }

  /** {@link #log2} in place. */
  default Tensor log2_() {
    return Ops.inPlace(new Exponentials.Log2(), self());
  }

  /** 1/x. */
  default Tensor reciprocal() {
    return Ops.call(new Exponentials.Reciprocal(), self());
  }

  /** {@link #reciprocal} in place. */
  default Tensor reciprocal_() {
    return Ops.inPlace(new Exponentials.Reciprocal(), self());
  }

  /** 1/√x. */
  default Tensor rsqrt() {
    return Ops.call(new Exponentials.Rsqrt(), self());
  }

  /** {@link #rsqrt} in place. */
  default Tensor rsqrt_() {
    return Ops.inPlace(new Exponentials.Rsqrt(), self());
  }

  /** sin x. */
  default Tensor sin() {
    return Ops.call(new Trigonometry.Sin(), self());
  }

  /** {@link #sin} in place. */
  default Tensor sin_() {
    return Ops.inPlace(new Trigonometry.Sin(), self());
  }

  /** sin(πx)/(πx), 1 at 0. */
  default Tensor sinc() {
    return Ops.call(new Trigonometry.Sinc(), self());
  }

  /** {@link #sinc} in place. */
  default Tensor sinc_() {
    return Ops.inPlace(new Trigonometry.Sinc(), self());
  }

  /** (eˣ - e⁻ˣ)/2. */
  default Tensor sinh() {
    return Ops.call(new Trigonometry.Sinh(), self());
  }

  /** {@link #sinh} in place. */
  default Tensor sinh_() {
    return Ops.inPlace(new Trigonometry.Sinh(), self());
  }

  /** tan x. */
  default Tensor tan() {
    return Ops.call(new Trigonometry.Tan(), self());
  }

  /** {@link #tan} in place. */
  default Tensor tan_() {
    return Ops.inPlace(new Trigonometry.Tan(), self());
  }

  /** x without its fraction. */
  default Tensor trunc() {
    return Ops.call(new Rounding.Trunc(), self());
  }

  /** {@link #trunc} in place. */
  default Tensor trunc_() {
    return Ops.inPlace(new Rounding.Trunc(), self());
  }
}
