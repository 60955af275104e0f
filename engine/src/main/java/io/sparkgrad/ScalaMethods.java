package io.sparkgrad;

/**
 * A tensor's operators in Scala, which sees a method {@code $plus} as {@code +}: {@code x * 2 + y},
 * {@code -x}, {@code x > 0}, {@code x(0)}. As in PyTorch, {@code x += y} is in place, {@code %} is
 * {@link Tensor#remainder} and {@code & | ^ ~} are bitwise. A number on the left takes {@code
 * x.rsub(1)} (for 1 - x) or {@code Tensor.number(1) - x}.
 */
public interface ScalaMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  /** {@code x(i, j)}: the element, row, ... at these indices of the first dimensions, a view. */
  default Tensor apply(int... indices) {
    Tensor at = self();
    for (int i : indices) at = at.select(0, i);
    return at;
  }

  /** {@code x(mask)}, {@code x(rows, columns)}: {@link Tensor#index}. */
  default Tensor apply(Tensor... indices) {
    return self().index(indices);
  }

  default Tensor unary_$minus() {
    return self().neg();
  }

  default Tensor unary_$tilde() {
    return self().bitwiseNot();
  }

  default Tensor $plus(Tensor other) {
    return self().add(other);
  }

  default Tensor $plus(double other) {
    return self().add(other);
  }

  default Tensor $plus(long other) {
    return self().add(other);
  }

  default Tensor $minus(Tensor other) {
    return self().sub(other);
  }

  default Tensor $minus(double other) {
    return self().sub(other);
  }

  default Tensor $minus(long other) {
    return self().sub(other);
  }

  default Tensor $times(Tensor other) {
    return self().mul(other);
  }

  default Tensor $times(double other) {
    return self().mul(other);
  }

  default Tensor $times(long other) {
    return self().mul(other);
  }

  default Tensor $div(Tensor other) {
    return self().div(other);
  }

  default Tensor $div(double other) {
    return self().div(other);
  }

  default Tensor $div(long other) {
    return self().div(other);
  }

  default Tensor $percent(Tensor other) {
    return self().remainder(other);
  }

  default Tensor $percent(double other) {
    return self().remainder(other);
  }

  default Tensor $percent(long other) {
    return self().remainder(other);
  }

  default Tensor $less(Tensor other) {
    return self().lt(other);
  }

  default Tensor $less(double other) {
    return self().lt(other);
  }

  default Tensor $less(long other) {
    return self().lt(other);
  }

  default Tensor $less$eq(Tensor other) {
    return self().le(other);
  }

  default Tensor $less$eq(double other) {
    return self().le(other);
  }

  default Tensor $less$eq(long other) {
    return self().le(other);
  }

  default Tensor $greater(Tensor other) {
    return self().gt(other);
  }

  default Tensor $greater(double other) {
    return self().gt(other);
  }

  default Tensor $greater(long other) {
    return self().gt(other);
  }

  default Tensor $greater$eq(Tensor other) {
    return self().ge(other);
  }

  default Tensor $greater$eq(double other) {
    return self().ge(other);
  }

  default Tensor $greater$eq(long other) {
    return self().ge(other);
  }

  default Tensor $amp(Tensor other) {
    return self().bitwiseAnd(other);
  }

  default Tensor $amp(long other) {
    return self().bitwiseAnd(other);
  }

  default Tensor $bar(Tensor other) {
    return self().bitwiseOr(other);
  }

  default Tensor $bar(long other) {
    return self().bitwiseOr(other);
  }

  default Tensor $up(Tensor other) {
    return self().bitwiseXor(other);
  }

  default Tensor $up(long other) {
    return self().bitwiseXor(other);
  }

  default Tensor $plus$eq(Tensor other) {
    return self().add_(other);
  }

  default Tensor $plus$eq(double other) {
    return self().add_(other);
  }

  default Tensor $plus$eq(long other) {
    return self().add_(other);
  }

  default Tensor $minus$eq(Tensor other) {
    return self().sub_(other);
  }

  default Tensor $minus$eq(double other) {
    return self().sub_(other);
  }

  default Tensor $minus$eq(long other) {
    return self().sub_(other);
  }

  default Tensor $times$eq(Tensor other) {
    return self().mul_(other);
  }

  default Tensor $times$eq(double other) {
    return self().mul_(other);
  }

  default Tensor $times$eq(long other) {
    return self().mul_(other);
  }

  default Tensor $div$eq(Tensor other) {
    return self().div_(other);
  }

  default Tensor $div$eq(double other) {
    return self().div_(other);
  }

  default Tensor $div$eq(long other) {
    return self().div_(other);
  }
}
