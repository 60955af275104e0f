package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.MemoryOverlap;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.Require;
import java.util.Arrays;

/** A tensor's methods that say something of each element: bool, and without a derivative. */
public interface ComparisonMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  default Tensor isnan() {
    return ne(self());
  }

  default Tensor isinf() {
    if (!self().dtype().isFloatingPoint()) return ne(self());
    return self().abs().eq(Double.POSITIVE_INFINITY);
  }

  /** Neither NaN nor infinite. */
  default Tensor isfinite() {
    if (!self().dtype().isFloatingPoint()) return eq(self());
    return self().abs().lt(Double.POSITIVE_INFINITY);
  }

  /** Where this is 0. */
  default Tensor logicalNot() {
    return eq(0L);
  }

  /** Where neither is 0. */
  default Tensor logicalAnd(Tensor other) {
    return Composite.named("logicalAnd", () -> ne(0L).mul(other.ne(0L)));
  }

  /** Where one at least is not 0. */
  default Tensor logicalOr(Tensor other) {
    return Composite.named("logicalOr", () -> ne(0L).add(other.ne(0L)));
  }

  /** Where just one is not 0. */
  default Tensor logicalXor(Tensor other) {
    return Composite.named("logicalXor", () -> ne(0L).ne(other.ne(0L)));
  }

  default Tensor logicalNot_() {
    return Composite.named("logicalNot_", () -> truth("logicalNot", logicalNot()));
  }

  default Tensor logicalAnd_(Tensor other) {
    MemoryOverlap.PARTIAL.check(self(), other);
    return Composite.named("logicalAnd_", () -> truth("logicalAnd", logicalAnd(other)));
  }

  default Tensor logicalOr_(Tensor other) {
    MemoryOverlap.PARTIAL.check(self(), other);
    return Composite.named("logicalOr_", () -> truth("logicalOr", logicalOr(other)));
  }

  default Tensor logicalXor_(Tensor other) {
    MemoryOverlap.PARTIAL.check(self(), other);
    return Composite.named("logicalXor_", () -> truth("logicalXor", logicalXor(other)));
  }

  /* PyTorch records nothing here: what it overwrites keeps its history, and a leaf may be written. */
  private Tensor truth(String op, Tensor result) {
    if (self().isInference()) self().checkInPlace(op + "_", false);
    MemoryOverlap.PARTIAL.check(self());
    Ops.overwrite(op, self(), result);
    return self();
  }

  /** Whether it is below 0, or -0. */
  default Tensor signbit() {
    if (!self().dtype().isFloatingPoint()) return lt(0L);
    return Tensor.full(1, self().dtype()).to(self().device()).copysign(self().detach()).lt(0L);
  }

  default Tensor isposinf() {
    return eq(Double.POSITIVE_INFINITY);
  }

  default Tensor isneginf() {
    return eq(Double.NEGATIVE_INFINITY);
  }

  /** The bits that both have. */
  default Tensor bitwiseAnd(Tensor other) {
    return Ops.call(new Bitwise(Bitwise.Kind.AND), self(), other);
  }

  default Tensor bitwiseAnd_(Tensor other) {
    return Ops.inPlace(new Bitwise(Bitwise.Kind.AND), self(), other);
  }

  default Tensor bitwiseAnd(long other) {
    return bitwiseAnd(Tensor.number(other));
  }

  default Tensor bitwiseAnd_(long other) {
    return bitwiseAnd_(Tensor.number(other));
  }

  /** The bits that one at least has. */
  default Tensor bitwiseOr(Tensor other) {
    return Ops.call(new Bitwise(Bitwise.Kind.OR), self(), other);
  }

  default Tensor bitwiseOr_(Tensor other) {
    return Ops.inPlace(new Bitwise(Bitwise.Kind.OR), self(), other);
  }

  default Tensor bitwiseOr(long other) {
    return bitwiseOr(Tensor.number(other));
  }

  default Tensor bitwiseOr_(long other) {
    return bitwiseOr_(Tensor.number(other));
  }

  /** The bits that just one has. */
  default Tensor bitwiseXor(Tensor other) {
    return Ops.call(new Bitwise(Bitwise.Kind.XOR), self(), other);
  }

  default Tensor bitwiseXor_(Tensor other) {
    return Ops.inPlace(new Bitwise(Bitwise.Kind.XOR), self(), other);
  }

  default Tensor bitwiseXor(long other) {
    return bitwiseXor(Tensor.number(other));
  }

  default Tensor bitwiseXor_(long other) {
    return bitwiseXor_(Tensor.number(other));
  }

  /** The bits moved up by so many places. */
  default Tensor bitwiseLeftShift(Tensor other) {
    return Ops.call(new Bitwise(Bitwise.Kind.LEFT_SHIFT), self(), other);
  }

  default Tensor bitwiseLeftShift_(Tensor other) {
    return Ops.inPlace(new Bitwise(Bitwise.Kind.LEFT_SHIFT), self(), other);
  }

  default Tensor bitwiseLeftShift(long other) {
    return bitwiseLeftShift(Tensor.number(other));
  }

  default Tensor bitwiseLeftShift_(long other) {
    return bitwiseLeftShift_(Tensor.number(other));
  }

  /** The bits moved down by so many places; the sign stays. */
  default Tensor bitwiseRightShift(Tensor other) {
    return Ops.call(new Bitwise(Bitwise.Kind.RIGHT_SHIFT), self(), other);
  }

  default Tensor bitwiseRightShift_(Tensor other) {
    return Ops.inPlace(new Bitwise(Bitwise.Kind.RIGHT_SHIFT), self(), other);
  }

  default Tensor bitwiseRightShift(long other) {
    return bitwiseRightShift(Tensor.number(other));
  }

  default Tensor bitwiseRightShift_(long other) {
    return bitwiseRightShift_(Tensor.number(other));
  }

  /** All bits turned; of bools where it does not hold. */
  default Tensor bitwiseNot() {
    return Composite.named(
        "bitwiseNot", () -> self().dtype() == DType.BOOL ? logicalNot() : bitwiseXor(-1L));
  }

  default Tensor bitwiseNot_() {
    return Composite.named(
        "bitwiseNot_", () -> self().dtype() == DType.BOOL ? logicalNot_() : bitwiseXor_(-1L));
  }

  /** Where |this - other| is at most atol + rtol·|other|, or both are the same infinity. */
  default Tensor isclose(Tensor other, double rtol, double atol) {
    return isclose(other, rtol, atol, false);
  }

  /** As {@link #isclose(Tensor, double, double)}; with {@code equalNan} NaN is close to NaN. */
  default Tensor isclose(Tensor other, double rtol, double atol, boolean equalNan) {
    if (self().dtype() != other.dtype())
      throw new IllegalArgumentException(
          "isclose: %s did not match %s".formatted(self().dtype(), other.dtype()));
    if (!(rtol >= 0 && atol >= 0))
      throw new IllegalArgumentException(
          "isclose: rtol and atol must be >= 0, got %s and %s".formatted(rtol, atol));
    return Composite.named("isclose", () -> near(other, rtol, atol, equalNan));
  }

  private Tensor near(Tensor other, double rtol, double atol, boolean equalNan) {
    Tensor same = eq(other);
    if (equalNan) same = same.add(isnan().mul(other.isnan()));
    DType type = self().dtype().orFloat();
    Tensor allowed = other.to(type).abs().mul(rtol).add(atol);
    DType exact = self().dtype().isFloatingPoint() ? type : DType.INT64; // 1 - 9 is no uint8
    Tensor actual = self().to(exact).sub(other.to(exact)).abs();
    return same.add(actual.isfinite().mul(actual.le(allowed)));
  }

  /** Whether all elements are {@link #isclose}. */
  default boolean allclose(Tensor other, double rtol, double atol, boolean equalNan) {
    return isclose(other, rtol, atol, equalNan).all().item() != 0;
  }

  default boolean allclose(Tensor other) {
    return allclose(other, 1e-5, 1e-8, false);
  }

  /** Whether the shapes are the same, and all elements. */
  default boolean equal(Tensor other) {
    return Arrays.equals(self().shape(), other.shape()) && eq(other).all().item() != 0;
  }

  /** Where an element is one of those of the other tensor. */
  default Tensor isin(Tensor testElements) {
    Require.numbers("isin", self(), testElements);
    Tensor x = self().detach();
    Tensor elements = testElements.detach();
    /* NaN is no one's equal, and searching takes the others for less than it. */
    if (elements.dtype().isFloatingPoint())
      elements = elements.maskedSelect(elements.isnan().logicalNot());
    if (elements.numel() == 0) return x.ne(x).logicalAnd(x.eq(x));
    Tensor sorted = elements.reshape(-1).sort(0).values();
    Tensor at = sorted.searchsorted(x, false).clamp(0, sorted.numel() - 1).to(DType.INT64);
    return sorted.take(at).eq(x);
  }

  default Tensor eq(Tensor other) {
    return Ops.call(new Compare(Compare.Relation.EQ), self(), other);
  }

  default Tensor eq_(Tensor other) {
    return Ops.inPlace(new Compare(Compare.Relation.EQ), self(), other);
  }

  default Tensor eq(double other) {
    return eq(Tensor.number(other));
  }

  default Tensor eq_(double other) {
    return eq_(Tensor.number(other));
  }

  default Tensor eq(long other) {
    return eq(Tensor.number(other));
  }

  default Tensor eq_(long other) {
    return eq_(Tensor.number(other));
  }

  default Tensor ne(Tensor other) {
    return Ops.call(new Compare(Compare.Relation.NE), self(), other);
  }

  default Tensor ne_(Tensor other) {
    return Ops.inPlace(new Compare(Compare.Relation.NE), self(), other);
  }

  default Tensor ne(double other) {
    return ne(Tensor.number(other));
  }

  default Tensor ne_(double other) {
    return ne_(Tensor.number(other));
  }

  default Tensor ne(long other) {
    return ne(Tensor.number(other));
  }

  default Tensor ne_(long other) {
    return ne_(Tensor.number(other));
  }

  default Tensor lt(Tensor other) {
    return Ops.call(new Compare(Compare.Relation.LT), self(), other);
  }

  default Tensor lt_(Tensor other) {
    return Ops.inPlace(new Compare(Compare.Relation.LT), self(), other);
  }

  default Tensor lt(double other) {
    return lt(Tensor.number(other));
  }

  default Tensor lt_(double other) {
    return lt_(Tensor.number(other));
  }

  default Tensor lt(long other) {
    return lt(Tensor.number(other));
  }

  default Tensor lt_(long other) {
    return lt_(Tensor.number(other));
  }

  default Tensor le(Tensor other) {
    return Ops.call(new Compare(Compare.Relation.LE), self(), other);
  }

  default Tensor le_(Tensor other) {
    return Ops.inPlace(new Compare(Compare.Relation.LE), self(), other);
  }

  default Tensor le(double other) {
    return le(Tensor.number(other));
  }

  default Tensor le_(double other) {
    return le_(Tensor.number(other));
  }

  default Tensor le(long other) {
    return le(Tensor.number(other));
  }

  default Tensor le_(long other) {
    return le_(Tensor.number(other));
  }

  default Tensor gt(Tensor other) {
    return Ops.call(new Compare(Compare.Relation.GT), self(), other);
  }

  default Tensor gt_(Tensor other) {
    return Ops.inPlace(new Compare(Compare.Relation.GT), self(), other);
  }

  default Tensor gt(double other) {
    return gt(Tensor.number(other));
  }

  default Tensor gt_(double other) {
    return gt_(Tensor.number(other));
  }

  default Tensor gt(long other) {
    return gt(Tensor.number(other));
  }

  default Tensor gt_(long other) {
    return gt_(Tensor.number(other));
  }

  default Tensor ge(Tensor other) {
    return Ops.call(new Compare(Compare.Relation.GE), self(), other);
  }

  default Tensor ge_(Tensor other) {
    return Ops.inPlace(new Compare(Compare.Relation.GE), self(), other);
  }

  default Tensor ge(double other) {
    return ge(Tensor.number(other));
  }

  default Tensor ge_(double other) {
    return ge_(Tensor.number(other));
  }

  default Tensor ge(long other) {
    return ge(Tensor.number(other));
  }

  default Tensor ge_(long other) {
    return ge_(Tensor.number(other));
  }
}
