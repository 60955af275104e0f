package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import java.util.Arrays;

/**
 * The one place that looks at tensors of indices and at masks before an operation takes them: their
 * types, ranks and ranges, as PyTorch has them for each operation.
 */
public final class Indices {
  private Indices() {}

  /** Checks indices that must be int64; of an empty tensor the type does not matter. */
  public static void checkInt64(String op, Tensor index) {
    if (index.dtype() == DType.INT64 || index.numel() == 0) return;
    throw new IllegalArgumentException(
        "%s(): Expected dtype int64 for index, got %s".formatted(op, index.dtype()));
  }

  /** Indices that must be int64, empty ones too. */
  public static Tensor int64(String op, Tensor index) {
    if (index.dtype() == DType.INT64) return index;
    throw new IllegalArgumentException(
        "%s(): Expected a Long tensor for index, but got %s".formatted(op, index.dtype()));
  }

  /** Indices that may be int32 as well, as int64. */
  public static Tensor whole(String op, Tensor index) {
    if (index.dtype() == DType.INT64 || index.dtype() == DType.INT32) return index.to(DType.INT64);
    throw new IllegalArgumentException(
        "%s(): Expected indices to be of type int64 or int32, got %s".formatted(op, index.dtype()));
  }

  /** A mask as bools: uint8 is its older form, of 0 and 1. */
  public static Tensor mask(String op, Tensor mask) {
    if (mask.dtype() == DType.BOOL) return mask;
    if (mask.dtype() == DType.UINT8) {
      if (mask.gt(1L).any().item() != 0)
        throw new IllegalArgumentException(
            op + ": Mask tensor can take 0 and 1 values only; use mask.ne(0)");
      return mask.ne(0L);
    }
    throw new IllegalArgumentException(
        "%s: expected a bool or uint8 tensor for mask, got %s".formatted(op, mask.dtype()));
  }

  /** As {@link #mask}; of an empty one the type does not matter. */
  public static Tensor maskOrNothing(String op, Tensor mask) {
    return mask.numel() == 0 ? mask.ne(0L) : mask(op, mask);
  }

  public static boolean isMask(Tensor t) {
    return t.dtype() == DType.BOOL || t.dtype() == DType.UINT8;
  }

  /** A number as a vector of one, a vector as it is. */
  public static Tensor line(Tensor t) {
    return t.dim() == 0 ? t.reshape(1) : t;
  }

  /** Whether numbers stand for vectors of one among the operands. */
  public static boolean mixLines(Tensor... all) {
    int least = Integer.MAX_VALUE;
    int most = 0;
    for (Tensor t : all) {
      least = Math.min(least, t.dim());
      most = Math.max(most, t.dim());
    }
    return least == 0 && most == 1;
  }

  /** A vector of indices, or a single one, as one of the given shape, but for its own length. */
  public static Tensor along(String op, int dim, Tensor index, int[] shape) {
    if (index.dim() > 1)
      throw new IndexOutOfBoundsException(
          "%s(): Index is supposed to be a vector, but got dim %s".formatted(op, index.dim()));
    if (shape.length == 0) return index.reshape();
    int d = Shape.dim(dim, shape.length);
    int[] ones = new int[shape.length];
    Arrays.fill(ones, 1);
    ones[d] = index.numel();
    int[] wide = shape.clone();
    wide[d] = index.numel();
    return index.reshape(ones).expand(wide);
  }

  /**
   * Where along a dimension of a shape indices, those from the end too, stand: a mask that
   * broadcasts.
   */
  public static Tensor maskAlong(String op, int dim, Tensor index, int[] shape) {
    Tensor at = int64(op, index);
    if (at.dim() > 1)
      throw new IndexOutOfBoundsException(
          "%s(): Index has to be a vector/scalar, but got dim %s".formatted(op, at.dim()));
    int d = Shape.dim(dim, shape.length);
    int size = shape.length == 0 ? 1 : shape[d];
    int[] line = new int[shape.length];
    Arrays.fill(line, 1);
    if (shape.length > 0) line[d] = size;
    Tensor places = wrapped(at, d, size).reshape(at.numel());
    Tensor found = Tensor.zeros(index.device(), DType.INT64, size).scatter(0, places, 1);
    return found.ne(0L).reshape(line);
  }

  /** Indices from the end made positive, all of them checked. */
  public static Tensor wrapped(Tensor index, int dim, int size) {
    return wrapped(index, size, "index %d is out of bounds for dimension " + dim + " with size %d");
  }

  /** As {@link #wrapped(Tensor, int, int)}, for all elements in a row. */
  public static Tensor inLine(String op, Tensor index, int numel) {
    String text = "out of range: tried to access index %d on a tensor of %d elements.";
    return wrapped(int64(op, index), numel, text);
  }

  /** Errors for an index that is not from 0 to size - 1. */
  public static void within(String op, Tensor index, int size) {
    if (index.numel() == 0) return;
    if (index.min().itemLong() < 0 || index.max().itemLong() >= size)
      throw new IndexOutOfBoundsException(
          "%s: index out of range in self, of size %s".formatted(op, size));
  }

  private static Tensor wrapped(Tensor index, int size, String text) {
    if (index.numel() == 0) return index;
    long least = index.min().toLongs()[0];
    long most = index.max().toLongs()[0];
    if (least < -size || most >= size)
      throw new IndexOutOfBoundsException(text.formatted(most >= size ? most : least, size));
    return least >= 0 ? index : index.lt(0L).where(index.add((long) size), index);
  }
}
