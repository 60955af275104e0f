package io.sparkgrad;

/**
 * A Java number that an operation is given: a long or a double, and it stays what it was. A long
 * keeps integer tensors integer, to the last bit; a double makes them float32, as a Python float
 * does in PyTorch.
 */
public final class Scalar {
  private final boolean whole;
  private final long bits; // of the double, or the long itself

  private Scalar(boolean whole, long bits) {
    this.whole = whole;
    this.bits = bits;
  }

  public static Scalar of(double value) {
    return new Scalar(false, Double.doubleToRawLongBits(value));
  }

  public static Scalar of(long value) {
    return new Scalar(true, value);
  }

  /** Whether it is a long. */
  public boolean isWhole() {
    return whole;
  }

  /** The nearest double. */
  public double toDouble() {
    return whole ? bits : Double.longBitsToDouble(bits);
  }

  /** A double cut to the nearest whole number that fits. */
  public long toLong() {
    return whole ? bits : (long) Double.longBitsToDouble(bits);
  }

  /** The type that a tensor of {@code dtype} and these numbers meet in; null is none. */
  public static DType meet(DType dtype, Scalar... numbers) {
    DType met = dtype;
    for (Scalar s : numbers) {
      if (s == null) continue;
      if (!s.whole) met = met.orFloat();
      else if (met == DType.BOOL) met = DType.INT64;
    }
    return met;
  }

  /**
   * This number, to be used where {@code dtype} is computed in.
   *
   * @throws IllegalArgumentException if the type has no such number: infinite and NaN for integers,
   *     or beyond their bounds; a fraction is cut
   */
  public Scalar checked(String op, DType dtype) {
    if (!dtype.holds(this)) {
      throw new IllegalArgumentException(
          "%s: value cannot be converted to type %s without overflow: %s"
              .formatted(op, dtype.torchName(), this));
    }
    return this;
  }

  /** A 0-dim tensor of {@code dtype}, checked: what is written in place of numbers of that type. */
  public Tensor tensor(String op, DType dtype) {
    return Tensor.full(checked(op, dtype), dtype);
  }

  /** This number as a weak operand. */
  public Tensor number() {
    return whole ? Tensor.number(bits) : Tensor.number(toDouble());
  }

  @Override
  public String toString() {
    return whole ? Long.toString(bits) : Double.toString(toDouble());
  }
}
