package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Scalar;
import io.sparkgrad.op.Op;
import java.util.List;

/** The registered operations elementwise. */
public final class PointwiseOps {
  /** A line each. */
  public static final List<Op> ALL =
      List.of(
          new Abs(),
          new Trigonometry.Acos(),
          new Trigonometry.Acosh(),
          new Add(),
          new TernaryFunctions.Addcdiv(1),
          new TernaryFunctions.Addcmul(Scalar.of(1)),
          new Trigonometry.Asin(),
          new Trigonometry.Asinh(),
          new Trigonometry.Atan(),
          new BinaryFunctions.Atan2(),
          new Trigonometry.Atanh(),
          new Bitwise(Bitwise.Kind.AND),
          new Cast(DType.FLOAT64),
          new Rounding.Ceil(),
          new Clamp(0, 1),
          new TernaryFunctions.ClampBetween(),
          new MaximumMinimum.ClampMax(),
          new MaximumMinimum.ClampMin(),
          new Compare(Compare.Relation.EQ),
          new BinaryFunctions.Copysign(),
          new Trigonometry.Cos(),
          new Trigonometry.Cosh(),
          new Gamma.Digamma(),
          new Div(),
          new DivRounded(DivRounded.Mode.FLOOR),
          new Entr(),
          new Exponentials.Erf(),
          new Exponentials.Erfc(),
          new Exponentials.Erfinv(),
          new Exp(),
          new Exponentials.Exp2(),
          new Exponentials.Expm1(),
          new Rounding.Floor(),
          new MaximumMinimum.Fmax(),
          new MaximumMinimum.Fmin(),
          new BinaryFunctions.Fmod(),
          new Rounding.Frac(),
          new BinaryFunctions.Heaviside(),
          new BinaryFunctions.Hypot(),
          new TernaryFunctions.Lerp(null),
          new Gamma.Lgamma(),
          new Log(),
          new Exponentials.Log10(),
          new Exponentials.Log1p(),
          new Exponentials.Log2(),
          BinaryFunctions.Logaddexp.natural(),
          new Logit(),
          new MaximumMinimum.Maximum(),
          new MaximumMinimum.Minimum(),
          new Move(Device.CPU),
          new Mul(),
          new NanToNum(0, 0, 0),
          new Neg(),
          new Gamma.Polygamma(1),
          new Pow(),
          new PowScalar(1),
          new Exponentials.Reciprocal(),
          new BinaryFunctions.Remainder(),
          new Rounding.Round(0, DType.FLOAT64),
          new Exponentials.Rsqrt(),
          new Sign(),
          new Trigonometry.Sin(),
          new Trigonometry.Sinc(),
          new Trigonometry.Sinh(),
          new Sqrt(),
          new Trigonometry.Tan(),
          new Rounding.Trunc(),
          new BinaryFunctions.Xlogy());

  private PointwiseOps() {}
}
