package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Scalar;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Copy;
import io.sparkgrad.op.Ops;

/**
 * A tensor's elementwise methods. Operands are promoted and broadcast as in PyTorch; a trailing
 * underscore changes the tensor in place and returns it: never its shape or dtype, and while
 * recording neither a leaf that requires a gradient nor a view of one ({@link
 * io.sparkgrad.autograd.AutogradException}). Shapes that do not broadcast and dtypes that do not
 * fit are an {@link IllegalArgumentException} that names the operation and both sides.
 *
 * <p>A Java number never widens the tensor's type within its kind. A long ({@code add(2)}) keeps
 * integers integer, to the last bit; a double makes them float32, also one without a fraction. What
 * the type that is computed in cannot hold is an error.
 */
public interface PointwiseMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  /* Of bools any number but 0 is true. */
  private Scalar alpha(Tensor other, long alpha) {
    boolean bools = self().dtype() == DType.BOOL && other.dtype() == DType.BOOL;
    return Scalar.of(bools && alpha != 0 ? 1 : alpha);
  }

  default Tensor add(Tensor other) {
    return Ops.call(new Add(), self(), other);
  }

  /** this + alpha·other. */
  default Tensor add(Tensor other, double alpha) {
    return Ops.call(new Add(Scalar.of(alpha)), self(), other);
  }

  default Tensor add(Tensor other, long alpha) {
    return Ops.call(new Add(alpha(other, alpha)), self(), other);
  }

  default Tensor add(double other) {
    return add(Tensor.number(other));
  }

  default Tensor add(long other) {
    return add(Tensor.number(other));
  }

  default Tensor add_(Tensor other) {
    return Ops.inPlace(new Add(), self(), other);
  }

  /** this += alpha·other. */
  default Tensor add_(Tensor other, double alpha) {
    return Ops.inPlace(new Add(Scalar.of(alpha)), self(), other);
  }

  default Tensor add_(Tensor other, long alpha) {
    return Ops.inPlace(new Add(alpha(other, alpha)), self(), other);
  }

  default Tensor add_(double other) {
    return add_(Tensor.number(other));
  }

  default Tensor add_(long other) {
    return add_(Tensor.number(other));
  }

  default Tensor sub(Tensor other) {
    return Ops.call(Add.sub(), self(), other);
  }

  /** this - alpha·other. */
  default Tensor sub(Tensor other, double alpha) {
    return Ops.call(Add.sub(Scalar.of(alpha)), self(), other);
  }

  default Tensor sub(Tensor other, long alpha) {
    return Ops.call(Add.sub(alpha(other, alpha)), self(), other);
  }

  default Tensor sub(double other) {
    return sub(Tensor.number(other));
  }

  default Tensor sub(long other) {
    return sub(Tensor.number(other));
  }

  default Tensor sub_(Tensor other) {
    return Ops.inPlace(Add.sub(), self(), other);
  }

  /** this -= alpha·other: the step of gradient descent. */
  default Tensor sub_(Tensor other, double alpha) {
    return Ops.inPlace(Add.sub(Scalar.of(alpha)), self(), other);
  }

  default Tensor sub_(Tensor other, long alpha) {
    return Ops.inPlace(Add.sub(alpha(other, alpha)), self(), other);
  }

  default Tensor sub_(double other) {
    return sub_(Tensor.number(other));
  }

  default Tensor sub_(long other) {
    return sub_(Tensor.number(other));
  }

  default Tensor mul(Tensor other) {
    return Ops.call(new Mul(), self(), other);
  }

  default Tensor mul(double other) {
    return mul(Tensor.number(other));
  }

  default Tensor mul(long other) {
    return mul(Tensor.number(other));
  }

  default Tensor mul_(Tensor other) {
    return Ops.inPlace(new Mul(), self(), other);
  }

  default Tensor mul_(double other) {
    return mul_(Tensor.number(other));
  }

  default Tensor mul_(long other) {
    return mul_(Tensor.number(other));
  }

  default Tensor div(Tensor other) {
    return Ops.call(new Div(), self(), other);
  }

  default Tensor div(double other) {
    return div(Tensor.number(other));
  }

  default Tensor div_(Tensor other) {
    return Ops.inPlace(new Div(), self(), other);
  }

  default Tensor div_(double other) {
    return div_(Tensor.number(other));
  }

  /** this/other, rounded by {@code floor} or {@code trunc}; integers stay integers. */
  default Tensor div(Tensor other, String roundingMode) {
    return Ops.call(DivRounded.of(roundingMode), self(), other);
  }

  default Tensor div_(Tensor other, String roundingMode) {
    return Ops.inPlace(DivRounded.of(roundingMode), self(), other);
  }

  default Tensor div(double other, String roundingMode) {
    return div(Tensor.number(other), roundingMode);
  }

  default Tensor div_(double other, String roundingMode) {
    return div_(Tensor.number(other), roundingMode);
  }

  default Tensor div(long other, String roundingMode) {
    return div(Tensor.number(other), roundingMode);
  }

  default Tensor div_(long other, String roundingMode) {
    return div_(Tensor.number(other), roundingMode);
  }

  /** this/other rounded down; without a derivative, which {@code div(other, "floor")} has. */
  default Tensor floorDivide(Tensor other) {
    return Ops.call(new DivRounded(DivRounded.Mode.FLOOR_DIVIDE), self(), other);
  }

  default Tensor floorDivide_(Tensor other) {
    return Ops.inPlace(new DivRounded(DivRounded.Mode.FLOOR_DIVIDE), self(), other);
  }

  default Tensor floorDivide(double other) {
    return floorDivide(Tensor.number(other));
  }

  default Tensor floorDivide(long other) {
    return floorDivide(Tensor.number(other));
  }

  default Tensor floorDivide_(double other) {
    return floorDivide_(Tensor.number(other));
  }

  default Tensor floorDivide_(long other) {
    return floorDivide_(Tensor.number(other));
  }

  /** other - this. */
  default Tensor rsub(Tensor other) {
    String node = other.isWrappedNumber() ? "RsubBackward1" : "RsubBackward0";
    return Composite.of("rsub", node, () -> other.sub(self()), self(), other);
  }

  default Tensor rsub(double other) {
    return rsub(Tensor.number(other));
  }

  default Tensor rsub(long other) {
    return rsub(Tensor.number(other));
  }

  default Tensor pow(Tensor exponent) {
    return Ops.call(new Pow(), self(), exponent);
  }

  default Tensor pow_(Tensor exponent) {
    return Ops.inPlace(new Pow(), self(), exponent);
  }

  default Tensor pow(double exponent) {
    return Ops.call(new PowScalar(Scalar.of(exponent)), self());
  }

  default Tensor pow(long exponent) {
    return Ops.call(new PowScalar(Scalar.of(exponent)), self());
  }

  default Tensor pow_(double exponent) {
    return Ops.inPlace(new PowScalar(Scalar.of(exponent)), self());
  }

  default Tensor pow_(long exponent) {
    return Ops.inPlace(new PowScalar(Scalar.of(exponent)), self());
  }

  default Tensor neg() {
    return Ops.call(new Neg(), self());
  }

  default Tensor neg_() {
    return Ops.inPlace(new Neg(), self());
  }

  default Tensor abs() {
    return Ops.call(new Abs(), self());
  }

  default Tensor abs_() {
    return Ops.inPlace(new Abs(), self());
  }

  default Tensor sign() {
    return Ops.call(new Sign(), self());
  }

  default Tensor sign_() {
    return Ops.inPlace(new Sign(), self());
  }

  default Tensor exp() {
    return Ops.call(new Exp(), self());
  }

  default Tensor exp_() {
    return Ops.inPlace(new Exp(), self());
  }

  default Tensor log() {
    return Ops.call(new Log(), self());
  }

  default Tensor log_() {
    return Ops.inPlace(new Log(), self());
  }

  default Tensor sqrt() {
    return Ops.call(new Sqrt(), self());
  }

  default Tensor sqrt_() {
    return Ops.inPlace(new Sqrt(), self());
  }

  /** Elements forced into [min, max]. */
  default Tensor clamp(double min, double max) {
    return Ops.call(new Clamp(Scalar.of(min), Scalar.of(max)), self());
  }

  default Tensor clamp(long min, long max) {
    return Ops.call(new Clamp(Scalar.of(min), Scalar.of(max)), self());
  }

  default Tensor clamp_(double min, double max) {
    return Ops.inPlace(new Clamp(Scalar.of(min), Scalar.of(max)), self());
  }

  default Tensor clamp_(long min, long max) {
    return Ops.inPlace(new Clamp(Scalar.of(min), Scalar.of(max)), self());
  }

  /** As {@link #clamp(double, double)}. */
  default Tensor clip(double min, double max) {
    return clamp(min, max);
  }

  default Tensor clip(long min, long max) {
    return clamp(min, max);
  }

  default Tensor clip_(double min, double max) {
    return clamp_(min, max);
  }

  default Tensor clip_(long min, long max) {
    return clamp_(min, max);
  }

  /** Elements forced between those of two tensors. */
  default Tensor clamp(Tensor min, Tensor max) {
    return Ops.call(new TernaryFunctions.ClampBetween(), self(), min, max);
  }

  default Tensor clamp_(Tensor min, Tensor max) {
    return Ops.inPlace(new TernaryFunctions.ClampBetween(), self(), min, max);
  }

  default Tensor clampMin(Tensor min) {
    return Ops.call(new MaximumMinimum.ClampMin(), self(), min);
  }

  default Tensor clampMin_(Tensor min) {
    return Ops.inPlace(new MaximumMinimum.ClampMin(), self(), min);
  }

  default Tensor clampMax(Tensor max) {
    return Ops.call(new MaximumMinimum.ClampMax(), self(), max);
  }

  default Tensor clampMax_(Tensor max) {
    return Ops.inPlace(new MaximumMinimum.ClampMax(), self(), max);
  }

  default Tensor clampMin(double min) {
    return Ops.call(new Clamp(Scalar.of(min), null), self());
  }

  default Tensor clampMin(long min) {
    return Ops.call(new Clamp(Scalar.of(min), null), self());
  }

  default Tensor clampMin_(double min) {
    return Ops.inPlace(new Clamp(Scalar.of(min), null), self());
  }

  default Tensor clampMin_(long min) {
    return Ops.inPlace(new Clamp(Scalar.of(min), null), self());
  }

  default Tensor clampMax(double max) {
    return Ops.call(new Clamp(null, Scalar.of(max)), self());
  }

  default Tensor clampMax(long max) {
    return Ops.call(new Clamp(null, Scalar.of(max)), self());
  }

  default Tensor clampMax_(double max) {
    return Ops.inPlace(new Clamp(null, Scalar.of(max)), self());
  }

  default Tensor clampMax_(long max) {
    return Ops.inPlace(new Clamp(null, Scalar.of(max)), self());
  }

  /** The larger elements, NaN where one is. */
  default Tensor maximum(Tensor other) {
    return Ops.call(new MaximumMinimum.Maximum(), self(), other);
  }

  default Tensor maximum_(Tensor other) {
    return Ops.inPlace(new MaximumMinimum.Maximum(), self(), other);
  }

  /** The smaller elements, NaN where one is. */
  default Tensor minimum(Tensor other) {
    return Ops.call(new MaximumMinimum.Minimum(), self(), other);
  }

  default Tensor minimum_(Tensor other) {
    return Ops.inPlace(new MaximumMinimum.Minimum(), self(), other);
  }

  /** The larger elements, passing over NaN. */
  default Tensor fmax(Tensor other) {
    return Ops.call(new MaximumMinimum.Fmax(), self(), other);
  }

  default Tensor fmax_(Tensor other) {
    return Ops.inPlace(new MaximumMinimum.Fmax(), self(), other);
  }

  /** The smaller elements, passing over NaN. */
  default Tensor fmin(Tensor other) {
    return Ops.call(new MaximumMinimum.Fmin(), self(), other);
  }

  default Tensor fmin_(Tensor other) {
    return Ops.inPlace(new MaximumMinimum.Fmin(), self(), other);
  }

  /** The rest of the division rounded towards 0: of the sign of this. */
  default Tensor fmod(Tensor other) {
    return Ops.call(new BinaryFunctions.Fmod(), self(), other);
  }

  default Tensor fmod_(Tensor other) {
    return Ops.inPlace(new BinaryFunctions.Fmod(), self(), other);
  }

  default Tensor fmod(double other) {
    return fmod(Tensor.number(other));
  }

  default Tensor fmod_(double other) {
    return fmod_(Tensor.number(other));
  }

  default Tensor fmod(long other) {
    return fmod(Tensor.number(other));
  }

  default Tensor fmod_(long other) {
    return fmod_(Tensor.number(other));
  }

  /** The rest of the division rounded down: of the sign of other. */
  default Tensor remainder(Tensor other) {
    return Ops.call(new BinaryFunctions.Remainder(), self(), other);
  }

  default Tensor remainder_(Tensor other) {
    return Ops.inPlace(new BinaryFunctions.Remainder(), self(), other);
  }

  default Tensor remainder(double other) {
    return remainder(Tensor.number(other));
  }

  default Tensor remainder_(double other) {
    return remainder_(Tensor.number(other));
  }

  default Tensor remainder(long other) {
    return remainder(Tensor.number(other));
  }

  default Tensor remainder_(long other) {
    return remainder_(Tensor.number(other));
  }

  /** This with the signs of other. */
  default Tensor copysign(Tensor other) {
    return Ops.call(new BinaryFunctions.Copysign(), self(), other);
  }

  default Tensor copysign_(Tensor other) {
    return Ops.inPlace(new BinaryFunctions.Copysign(), self(), other);
  }

  default Tensor copysign(double other) {
    return copysign(Tensor.number(other));
  }

  default Tensor copysign_(double other) {
    return copysign_(Tensor.number(other));
  }

  /** 0 below 0, 1 above it, those of {@code values} at it. No derivative. */
  default Tensor heaviside(Tensor values) {
    return Ops.call(new BinaryFunctions.Heaviside(), self(), values);
  }

  default Tensor heaviside_(Tensor values) {
    return Ops.inPlace(new BinaryFunctions.Heaviside(), self(), values);
  }

  /** this + weight·(end - this). */
  default Tensor lerp(Tensor end, Tensor weight) {
    TernaryFunctions.Lerp.check("lerp", self(), end, weight);
    return Ops.call(TernaryFunctions.Lerp.by(weight), self(), end, weight);
  }

  default Tensor lerp_(Tensor end, Tensor weight) {
    TernaryFunctions.Lerp.check("lerp_", self(), end, weight);
    return Ops.inPlace(TernaryFunctions.Lerp.by(weight), self(), end, weight);
  }

  /** As {@link #lerp(Tensor, Tensor)}. */
  default Tensor lerp(Tensor end, double weight) {
    return lerp(end, Tensor.number(weight));
  }

  default Tensor lerp_(Tensor end, double weight) {
    return lerp_(end, Tensor.number(weight));
  }

  /** this + value·tensor1·tensor2. */
  default Tensor addcmul(Tensor tensor1, Tensor tensor2, double value) {
    return Ops.call(new TernaryFunctions.Addcmul(Scalar.of(value)), self(), tensor1, tensor2);
  }

  default Tensor addcmul(Tensor tensor1, Tensor tensor2, long value) {
    return Ops.call(new TernaryFunctions.Addcmul(Scalar.of(value)), self(), tensor1, tensor2);
  }

  default Tensor addcmul_(Tensor tensor1, Tensor tensor2, double value) {
    return Ops.inPlace(new TernaryFunctions.Addcmul(Scalar.of(value)), self(), tensor1, tensor2);
  }

  default Tensor addcmul_(Tensor tensor1, Tensor tensor2, long value) {
    return Ops.inPlace(new TernaryFunctions.Addcmul(Scalar.of(value)), self(), tensor1, tensor2);
  }

  /** this + value·tensor1/tensor2. */
  default Tensor addcdiv(Tensor tensor1, Tensor tensor2, double value) {
    return Ops.call(new TernaryFunctions.Addcdiv(value), self(), tensor1, tensor2);
  }

  default Tensor addcdiv_(Tensor tensor1, Tensor tensor2, double value) {
    return Ops.inPlace(new TernaryFunctions.Addcdiv(value), self(), tensor1, tensor2);
  }

  /** 0 for NaN and the largest numbers of the dtype for the infinities. */
  default Tensor nanToNum() {
    return nanToNum(0, NanToNum.largest(self()), -NanToNum.largest(self()));
  }

  default Tensor nanToNum_() {
    return nanToNum_(0, NanToNum.largest(self()), -NanToNum.largest(self()));
  }

  /** The given numbers for NaN and the infinities. */
  default Tensor nanToNum(double nan, double posinf, double neginf) {
    return Ops.call(new NanToNum(nan, posinf, neginf), self());
  }

  default Tensor nanToNum_(double nan, double posinf, double neginf) {
    return Ops.inPlace(new NanToNum(nan, posinf, neginf), self());
  }

  /** The same values as another dtype; itself if it has that dtype. */
  default Tensor to(DType dtype) {
    return self().dtype() == dtype ? self() : Ops.call(new Cast(dtype), self());
  }

  /** The same values on another device; itself if it lies there. */
  default Tensor to(Device device) {
    return self().device().equals(device) ? self() : Ops.call(new Move(device), self());
  }

  /** The same values on the CPU. */
  default Tensor cpu() {
    return to(Device.CPU);
  }

  /** The same values on the first GPU. */
  default Tensor cuda() {
    return to(Device.cuda(0));
  }

  /** Sets every element; for an integer tensor a fraction is cut. */
  default Tensor fill_(double value) {
    return fill(Scalar.of(value));
  }

  default Tensor fill_(long value) {
    return fill(Scalar.of(value));
  }

  private Tensor fill(Scalar value) {
    Tensor number = value.checked("fill_", self().dtype()).number();
    return Ops.inPlace(Copy.of("fill", "FillBackward2"), self(), number);
  }

  /** Sets every element to 0. */
  default Tensor zero_() {
    return Ops.inPlace(Copy.of("zero", "ZeroBackward0"), self(), Tensor.number(0L));
  }

  /** Takes over the values of a tensor that broadcasts to this shape. */
  default Tensor copy_(Tensor source) {
    return Ops.inPlace(source == self() ? Copy.ofItself() : new Copy(), self(), source);
  }

  /** As {@link #div(Tensor)}. */
  default Tensor trueDivide(Tensor other) {
    return div(other);
  }

  default Tensor trueDivide_(Tensor other) {
    return div_(other);
  }

  default Tensor trueDivide(double other) {
    return div(other);
  }

  default Tensor trueDivide_(double other) {
    return div_(other);
  }

  /** Itself; bools have none. */
  default Tensor positive() {
    if (self().dtype() == DType.BOOL)
      throw new IllegalArgumentException("positive: not supported for a bool tensor");
    return self();
  }

  /** ln(exp(this) + exp(other)), whatever their size. */
  default Tensor logaddexp(Tensor other) {
    return Ops.call(BinaryFunctions.Logaddexp.natural(), self(), other);
  }

  /** log₂(2^this + 2^other), whatever their size. */
  default Tensor logaddexp2(Tensor other) {
    return Ops.call(BinaryFunctions.Logaddexp.binary(), self(), other);
  }

  /** this^exponent in float64. */
  default Tensor floatPower(Tensor exponent) {
    return to(DType.FLOAT64).pow(exponent.to(DType.FLOAT64));
  }

  default Tensor floatPower(double exponent) {
    return to(DType.FLOAT64).pow(exponent);
  }

  /* As a sum, which keeps nothing for backward; -0.0 changes no number. */
  private Tensor scaled(double factor) {
    return Tensor.number(-0.0).add(self(), factor);
  }

  /** Degrees as radians. */
  default Tensor deg2rad() {
    return Composite.of("deg2rad", "Deg2RadBackward0", () -> scaled(Math.PI / 180), self());
  }

  default Tensor deg2rad_() {
    return Composite.inPlace(
        "deg2rad", "Deg2RadBackward0", x -> ((PointwiseMethods) x).scaled(Math.PI / 180), self());
  }

  /** Radians as degrees. */
  default Tensor rad2deg() {
    return Composite.of("rad2deg", "Rad2DegBackward0", () -> scaled(180 / Math.PI), self());
  }

  default Tensor rad2deg_() {
    return Composite.inPlace(
        "rad2deg", "Rad2DegBackward0", x -> ((PointwiseMethods) x).scaled(180 / Math.PI), self());
  }

  /** The same values as the other tensor's dtype. */
  default Tensor typeAs(Tensor other) {
    return to(other.dtype());
  }
}
