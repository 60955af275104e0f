package io.sparkgrad;

import io.sparkgrad.op.Ops;
import java.util.Arrays;

/** A tensor's numbers as Java's. */
public interface ReadingMethods {
  /**
   * The only element's value; an error for any other count, and for a whole number that no double
   * is: {@link #itemLong} gives it.
   */
  default double item() {
    return exact(onlyElement(), "item() cannot give it; itemLong() can");
  }

  /** The only element's value as a whole number, to the last bit; a fraction is cut. */
  default long itemLong() {
    return self().storage().getLong(onlyElement());
  }

  /**
   * The element at the given indices; an error for a whole number that no double is: {@link
   * #atLong} gives it.
   */
  default double at(int... indices) {
    return exact(element(indices), "at(...) cannot give it; atLong(...) can");
  }

  /** The element at the given indices as a whole number, to the last bit; a fraction is cut. */
  default long atLong(int... indices) {
    return self().storage().getLong(element(indices));
  }

  /** A copy of the elements in row-major order. */
  default float[] toFloats() {
    return Ops.copy(self(), Device.CPU, DType.FLOAT32).storage().floats();
  }

  /** A copy of the elements in row-major order. */
  default double[] toDoubles() {
    return Ops.copy(self(), Device.CPU, DType.FLOAT64).storage().doubles();
  }

  /** A copy of the elements in row-major order; fractions are cut. */
  default long[] toLongs() {
    return Ops.copy(self(), Device.CPU, DType.INT64).storage().longs();
  }

  private Tensor self() {
    return (Tensor) this;
  }

  private int onlyElement() {
    if (self().numel() != 1) {
      throw new IllegalStateException(
          "a Tensor with %d elements cannot be converted to Scalar: shape %s"
              .formatted(self().numel(), Arrays.toString(self().shape())));
    }
    return self().offset();
  }

  private double exact(int at, String otherwise) {
    double mostExact = 0x1p53; // up to it every whole number is a double
    Storage storage = self().storage();
    double v = storage.getDouble(at);
    if (!storage.dtype().fitsInto(DType.FLOAT64) && Math.abs(v) >= mostExact) {
      long whole = storage.getLong(at);
      if (v == 0x1p63 || (long) v != whole)
        throw new ArithmeticException("%d is no double: %s".formatted(whole, otherwise));
    }
    return v;
  }

  private int element(int... indices) {
    int[] shape = self().shape();
    if (indices.length != shape.length) {
      throw new IndexOutOfBoundsException(
          "%s indices for a tensor of %s dimensions".formatted(indices.length, shape.length));
    }
    int at = self().offset();
    for (int d = 0; d < indices.length; d++) {
      int i = indices[d] < 0 ? indices[d] + shape[d] : indices[d];
      if (i < 0 || i >= shape[d]) {
        throw new IndexOutOfBoundsException(
            "index %s is out of bounds for dimension %s with size %s"
                .formatted(indices[d], d, shape[d]));
      }
      at += i * self().strides()[d];
    }
    return at;
  }
}
