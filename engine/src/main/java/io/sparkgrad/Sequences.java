package io.sparkgrad;

import io.sparkgrad.op.Composite;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/** Numbers in an order that can be told: what the factories of {@link Tensor} make tensors of. */
final class Sequences {
  private Sequences() {}

  /** How many numbers there are from start to before end. */
  static int count(double start, double end, double step) {
    if (!Double.isFinite(start) || !Double.isFinite(end))
      throw new IllegalArgumentException("unsupported range: %s -> %s".formatted(start, end));
    if (step == 0) throw new IllegalArgumentException("step must be nonzero");
    if (step > 0 ? end < start : end > start) throw against(start, end, step);
    return Math.toIntExact((long) Math.ceil((end - start) / step));
  }

  private static IllegalArgumentException against(Number start, Number end, Number step) {
    return new IllegalArgumentException(
        "upper bound and larger bound inconsistent with step sign: from %s to %s by %s"
            .formatted(start, end, step));
  }

  /** As {@link #count(double, double, double)}, exact over all of int64. */
  static int count(long start, long end, long step) {
    if (step == 0) throw new IllegalArgumentException("step must be nonzero");
    if (step > 0 ? end < start : end > start) throw against(start, end, step);
    BigInteger length = BigInteger.valueOf(end).subtract(BigInteger.valueOf(start));
    BigInteger[] parts = length.divideAndRemainder(BigInteger.valueOf(step));
    return Math.addExact(parts[0].intValueExact(), parts[1].signum() == 0 ? 0 : 1);
  }

  /** int64, start and step cut; as many as there would be of doubles, unless int64 is wanted. */
  static Tensor whole(double start, double end, double step, DType dtype) {
    if (dtype == DType.BOOL) throw notFor("arange", dtype);
    for (double v : new double[] {start, end, step}) Scalar.of(v).checked("arange", DType.INT64);
    long first = (long) start;
    long by = (long) step;
    int n = count(first, (long) end, by); // says what is wrong with them
    if (dtype != DType.INT64)
      n = Math.max(0, Math.toIntExact((long) Math.ceil((end - start) / step)));
    long[] numbers = new long[n];
    for (int i = 0; i < n; i++) numbers[i] = first + i * by;
    return Tensor.of(numbers, n);
  }

  /** float64. */
  static Tensor of(int n, IntToDoubleFunction f) {
    double[] numbers = new double[n];
    Arrays.setAll(numbers, f);
    return Tensor.of(numbers, n);
  }

  /**
   * From both ends towards the middle, so that both are exact, float64; for an integer dtype they
   * are cut.
   */
  static Tensor line(String op, double start, double end, int steps, DType dtype) {
    if (steps < 0) throw new IllegalArgumentException("number of steps must be non-negative");
    if (dtype == DType.BOOL && steps > 1) throw notFor(op, dtype);
    if (steps == 0) return of(0, i -> 0);
    double first = end(op, start, dtype);
    if (steps == 1) return of(1, i -> first);
    double last = end(op, end, dtype);
    double step = (last - first) / (steps - 1);
    return of(steps, i -> i < steps / 2 ? first + step * i : last - step * (steps - 1 - i));
  }

  private static double end(String op, double v, DType dtype) {
    Scalar checked = Scalar.of(v).checked(op, dtype);
    return dtype.isFloatingPoint() ? v : checked.toLong();
  }

  static IllegalArgumentException notFor(String op, DType dtype) {
    return new IllegalArgumentException("%s: not implemented for %s".formatted(op, dtype));
  }

  /** Ones. */
  static Tensor matrix(int row, int col) {
    if (row < 0 || col < 0)
      throw new IllegalArgumentException(
          "%s must be non-negative, got %s"
              .formatted(row < 0 ? "row" : "col", row < 0 ? row : col));
    return Tensor.ones(row, col);
  }

  static List<Tensor> meshgrid(String indexing, Tensor... tensors) {
    if (!indexing.equals("ij") && !indexing.equals("xy"))
      throw new IllegalArgumentException(
          "meshgrid: indexing must be one of \"xy\" or \"ij\", but received: " + indexing);
    if (tensors.length == 0)
      throw new IllegalArgumentException("meshgrid: expects a non-empty list of tensors");
    int[] shape = new int[tensors.length];
    for (int i = 0; i < shape.length; i++) {
      if (tensors[i].dtype() != tensors[0].dtype())
        throw new IllegalArgumentException(
            "meshgrid: expects all tensors to have the same dtype, got %s and %s; cast one with .to(dtype)"
                .formatted(tensors[0].dtype(), tensors[i].dtype()));
      if (tensors[i].dim() > 1)
        throw new IllegalArgumentException(
            "meshgrid: Expected 0D or 1D tensor in the tensor list but got: "
                + Arrays.toString(tensors[i].shape()));
      shape[i] = tensors[i].numel();
    }
    boolean swap = indexing.equals("xy") && shape.length > 1;
    int[] of = shape.clone();
    if (swap) {
      of[0] = shape[1];
      of[1] = shape[0];
    }
    List<Tensor> grids = new ArrayList<>();
    for (int i = 0; i < shape.length; i++) {
      int[] along = new int[shape.length];
      Arrays.fill(along, 1);
      along[swap && i < 2 ? 1 - i : i] = shape[i];
      grids.add(tensors[i].view(along).expand(of));
    }
    return grids;
  }

  static Tensor oneHot(Tensor classes, int numClasses) {
    if (classes.dtype() != DType.INT64)
      throw new IllegalArgumentException(
          "oneHot: one_hot is only applicable to index tensor, got " + classes.dtype());
    if (classes.numel() == 0 && numClasses <= 0)
      throw new IllegalArgumentException(
          "oneHot: Can not infer total number of classes from empty tensor.");
    if (classes.numel() > 0 && classes.min().itemLong() < 0)
      throw new IllegalArgumentException("oneHot: Class values must be non-negative.");
    if (numClasses != -1 && classes.numel() > 0 && classes.max().itemLong() >= numClasses)
      throw new IllegalArgumentException("oneHot: Class values must be smaller than num_classes.");
    int n = numClasses != -1 ? numClasses : (int) classes.max().itemLong() + 1;
    return classes
        .contiguous()
        .unsqueeze(-1)
        .eq(Tensor.arange(n).to(classes.device()))
        .to(DType.INT64);
  }

  static Tensor blockDiag(List<Tensor> matrices) {
    return Composite.of(
        "blockDiag",
        () -> {
          int columns = matrices.stream().mapToInt(m -> m.size(1)).sum();
          List<Tensor> rows = new ArrayList<>();
          int at = 0;
          for (Tensor m : matrices) {
            if (m.dim() != 2)
              throw new IllegalArgumentException(
                  "blockDiag: Input tensors must have 2 or fewer dimensions, got " + m.dim());
            rows.add(m.pad(new int[] {at, columns - at - m.size(1)}, "constant"));
            at += m.size(1);
          }
          return Tensor.cat(rows, 0);
        },
        matrices.toArray(Tensor[]::new));
  }
}
