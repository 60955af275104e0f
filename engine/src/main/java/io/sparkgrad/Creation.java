package io.sparkgrad;

import io.sparkgrad.op.Composite;
import io.sparkgrad.op.linalg.Einsum;
import io.sparkgrad.op.random.RandomFill;
import io.sparkgrad.op.shape.Cat;
import io.sparkgrad.random.Generator;
import java.util.Arrays;
import java.util.List;

/**
 * Factories of tensors: static, and called on {@link Tensor}, which inherits it ({@code
 * Tensor.zeros(2, 2)}).
 */
public abstract class Creation {
  Creation() {}

  /** A tensor over the given numbers, without a copy: PyTorch's from_numpy. */
  public static Tensor of(float[] numbers, int... shape) {
    return of(DType.FLOAT32, numbers, shape);
  }

  /** As {@link #of(float[], int...)}, float64. */
  public static Tensor of(double[] numbers, int... shape) {
    return of(DType.FLOAT64, numbers, shape);
  }

  /** As {@link #of(float[], int...)}, int64. */
  public static Tensor of(long[] numbers, int... shape) {
    return of(DType.INT64, numbers, shape);
  }

  /** As {@link #of(float[], int...)}, int32. */
  public static Tensor of(int[] numbers, int... shape) {
    return of(DType.INT32, numbers, shape);
  }

  /** As {@link #of(float[], int...)}, bool. */
  public static Tensor of(boolean[] numbers, int... shape) {
    return of(DType.BOOL, numbers, shape);
  }

  /**
   * As {@link #of(float[], int...)}, of any type, whose Java array it must be: what {@link
   * Storage#numbers} gives.
   */
  public static Tensor of(DType dtype, Object numbers, int... shape) {
    Storage storage = Storage.over(dtype, numbers);
    if (Shape.numel(shape) != storage.length()) {
      throw new IllegalArgumentException(
          "shape '%s' is invalid for input of size %d"
              .formatted(Arrays.toString(shape), storage.length()));
    }
    return new Tensor(storage, shape.clone(), Shape.strides(shape), 0);
  }

  /** A float32 view of part of an array: {@code numbers[from .. from + numel)}, without a copy. */
  public static Tensor slice(float[] numbers, int from, int... shape) {
    if (from < 0 || from + (long) Shape.numel(shape) > numbers.length) {
      throw new IndexOutOfBoundsException(
          "shape %s at %s does not fit into %s numbers"
              .formatted(Arrays.toString(shape), from, numbers.length));
    }
    return new Tensor(
        Storage.over(DType.FLOAT32, numbers), shape.clone(), Shape.strides(shape), from);
  }

  /** A float32 vector; with no argument empty. */
  public static Tensor tensor(double... values) {
    float[] numbers = new float[values.length];
    for (int i = 0; i < numbers.length; i++) numbers[i] = (float) values[i];
    return of(numbers, numbers.length);
  }

  /** An int64 vector. */
  public static Tensor tensor(long... values) {
    return of(values.clone(), values.length);
  }

  /** A float32 matrix; every row must have the same length. */
  public static Tensor tensor(double[][] rows) {
    int columns = rows.length == 0 ? 0 : rows[0].length;
    float[] numbers = new float[rows.length * columns];
    for (int r = 0; r < rows.length; r++) {
      if (rows[r].length != columns) {
        throw new IllegalArgumentException(
            "expected rows of length %s (row 0), but row %s has length %s"
                .formatted(columns, r, rows[r].length));
      }
      for (int c = 0; c < columns; c++) numbers[r * columns + c] = (float) rows[r][c];
    }
    return of(numbers, rows.length, columns);
  }

  /** A 0-dim float32 tensor. */
  public static Tensor scalar(double value) {
    return full(value);
  }

  /** float32 zeros; shape {@code []} is 0-dim. */
  public static Tensor zeros(int... shape) {
    return zeros(DType.FLOAT32, shape);
  }

  public static Tensor zeros(DType dtype, int... shape) {
    return zeros(Device.CPU, dtype, shape);
  }

  public static Tensor zeros(Device device, DType dtype, int... shape) {
    Storage zeros = Storage.zeros(device, dtype, Shape.numel(shape));
    return new Tensor(zeros, shape.clone(), Shape.strides(shape), 0);
  }

  /** Numbers that are still to be written: undefined. */
  public static Tensor empty(Device device, DType dtype, int... shape) {
    Storage empty = Storage.empty(device, dtype, Shape.numel(shape));
    return new Tensor(empty, shape.clone(), Shape.strides(shape), 0);
  }

  /** As {@link #empty}, with strides of its own, which must leave no gaps. */
  public static Tensor emptyStrided(Device device, DType dtype, int[] shape, int[] strides) {
    if (shape.length != strides.length)
      throw new IllegalArgumentException(
          "emptyStrided: dimensionality of sizes (%d) must match dimensionality of strides (%d)"
              .formatted(shape.length, strides.length));
    int numel = Shape.numel(shape);
    int length = numel == 0 ? 0 : 1;
    for (int d = 0; d < shape.length && numel > 0; d++) length += (shape[d] - 1) * strides[d];
    return new Tensor(Storage.empty(device, dtype, length), shape.clone(), strides.clone(), 0);
  }

  /** As {@link #empty}, for numbers that come from the CPU: the copy runs beside other work. */
  public static Tensor forUpload(Device device, DType dtype, int... shape) {
    int n = Shape.numel(shape);
    Storage empty =
        device.isCuda() ? Storage.forUpload(device, dtype, n) : Storage.allocate(dtype, n);
    return new Tensor(empty, shape.clone(), Shape.strides(shape), 0);
  }

  public static Tensor ones(int... shape) {
    return full(1.0, shape);
  }

  /** Every element the given value, float32. */
  public static Tensor full(double value, int... shape) {
    return full(value, DType.FLOAT32, shape);
  }

  /** Every element the given whole number, int64. */
  public static Tensor full(long value, int... shape) {
    return full(value, DType.INT64, shape);
  }

  /**
   * Every element the given value, converted to the dtype: a fraction is cut for an integer one.
   *
   * @throws IllegalArgumentException if the dtype has no such number
   */
  public static Tensor full(double value, DType dtype, int... shape) {
    return full(Scalar.of(value), dtype, shape);
  }

  public static Tensor full(long value, DType dtype, int... shape) {
    return full(Scalar.of(value), dtype, shape);
  }

  static Tensor full(Scalar value, DType dtype, int... shape) {
    Tensor t = empty(Device.CPU, dtype, shape);
    t.storage().fill(value.checked("full", dtype));
    return t;
  }

  /** The int64 numbers 0 to end - 1. */
  public static Tensor arange(long end) {
    return arange(0L, end, 1L);
  }

  /** The int64 numbers from start to before end, step apart. */
  public static Tensor arange(long start, long end, long step) {
    int n = Sequences.count(start, end, step);
    long[] numbers = new long[n];
    for (int i = 0; i < n; i++) numbers[i] = start + i * step;
    return of(numbers, n);
  }

  public static Tensor arange(long start, long end, long step, DType dtype) {
    if (dtype == DType.BOOL) throw Sequences.notFor("arange", dtype);
    return arange(start, end, step).to(dtype);
  }

  /** The float32 numbers from start to before end, step apart. */
  public static Tensor arange(double start, double end, double step) {
    return arange(start, end, step, DType.FLOAT32);
  }

  /** As {@link #arange(double, double, double)}; for an integer dtype start and step are cut. */
  public static Tensor arange(double start, double end, double step, DType dtype) {
    if (!dtype.isFloatingPoint()) return Sequences.whole(start, end, step, dtype).to(dtype);
    return Sequences.of(Sequences.count(start, end, step), i -> start + i * step).to(dtype);
  }

  /** So many float32 numbers from start to end, both with it, equally far apart. */
  public static Tensor linspace(double start, double end, int steps) {
    return linspace(start, end, steps, DType.FLOAT32);
  }

  /** As {@link #linspace(double, double, int)}; for an integer dtype both ends are cut. */
  public static Tensor linspace(double start, double end, int steps, DType dtype) {
    return Sequences.line("linspace", start, end, steps, dtype).to(dtype);
  }

  /** The powers of base with the exponents of {@link #linspace}. */
  public static Tensor logspace(double start, double end, int steps, double base) {
    return logspace(start, end, steps, base, DType.FLOAT32);
  }

  public static Tensor logspace(double start, double end, int steps, double base, DType dtype) {
    return number(base).pow(Sequences.line("logspace", start, end, steps, dtype)).to(dtype);
  }

  /** The float32 identity of n rows. */
  public static Tensor eye(int n) {
    return eye(n, n);
  }

  /** A float32 matrix with ones in its diagonal. */
  public static Tensor eye(int n, int m) {
    if (n < 0 || m < 0)
      throw new IllegalArgumentException(
          "n must be greater or equal to 0, got %s%s".formatted(n, n < 0 ? "" : " and m = " + m));
    Tensor t = zeros(n, m);
    t.diagonal().fill_(1);
    return t;
  }

  /** Where the elements of a matrix up to a diagonal lie: a row of rows, a row of columns. */
  public static Tensor trilIndices(int row, int col, int offset) {
    return Sequences.matrix(row, col).tril(offset).nonzero().t().contiguous();
  }

  /** Where the elements of a matrix from a diagonal on lie. */
  public static Tensor triuIndices(int row, int col, int offset) {
    return Sequences.matrix(row, col).triu(offset).nonzero().t().contiguous();
  }

  /**
   * Vectors along dimensions of their own, each repeated over the others'; {@code ij} or {@code
   * xy}.
   */
  public static List<Tensor> meshgrid(String indexing, Tensor... tensors) {
    return Sequences.meshgrid(indexing, tensors);
  }

  /** 1 at the class that an int64 tensor names, else 0, along a new last dimension. */
  public static Tensor oneHot(Tensor classes, int numClasses) {
    return Sequences.oneHot(classes, numClasses);
  }

  /** As {@link #oneHot(Tensor, int)}, with as many classes as are needed. */
  public static Tensor oneHot(Tensor classes) {
    return Sequences.oneHot(classes, -1);
  }

  // ---- like another

  /* As in PyTorch: the numbers lie in the same order, without gaps. */

  public static Tensor zerosLike(Tensor t) {
    return t.isSparse() ? t.newZeros(t.shape()) : emptyLike(t).zero_();
  }

  public static Tensor onesLike(Tensor t) {
    return fullLike(t, 1L);
  }

  public static Tensor fullLike(Tensor t, double value) {
    return t.isSparse() ? t.newFull(value, t.shape()) : emptyLike(t).fill_(value);
  }

  public static Tensor fullLike(Tensor t, long value) {
    return t.isSparse() ? t.newFull(value, t.shape()) : emptyLike(t).fill_(value);
  }

  public static Tensor emptyLike(Tensor t) {
    return RandomFill.like(t);
  }

  public static Tensor randLike(Tensor t) {
    return RandomFill.uniform("randLike", emptyLike(t), 0, 1);
  }

  public static Tensor randnLike(Tensor t) {
    return RandomFill.normal("randnLike", emptyLike(t), 0, 1);
  }

  // ---- random

  /**
   * Uniform in [0, 1), from the thread's generator: after {@code manualSeed} the same numbers as
   * PyTorch's.
   */
  public static Tensor rand(int... shape) {
    return rand(DType.FLOAT32, shape);
  }

  public static Tensor rand(DType dtype, int... shape) {
    return rand(Device.CPU, dtype, shape);
  }

  /**
   * As {@link #rand(int...)} on a device. On a GPU the numbers come from {@link
   * io.sparkgrad.random.Philox} under the same seed.
   */
  public static Tensor rand(Device device, DType dtype, int... shape) {
    return RandomFill.uniform("rand", empty(device, dtype, shape), 0, 1);
  }

  /**
   * Standard normal, from the thread's generator: after {@code manualSeed} the same numbers as
   * PyTorch's.
   */
  public static Tensor randn(int... shape) {
    return randn(DType.FLOAT32, shape);
  }

  public static Tensor randn(DType dtype, int... shape) {
    return randn(Device.CPU, dtype, shape);
  }

  /** As {@link #randn(int...)} on a device; see {@link #rand(Device, DType, int...)}. */
  public static Tensor randn(Device device, DType dtype, int... shape) {
    return RandomFill.normal("randn", empty(device, dtype, shape), 0, 1);
  }

  /** int64 numbers in [low, high), each as likely: torch.randint. */
  public static Tensor randint(Device device, long low, long high, int... shape) {
    return RandomFill.ints(empty(device, DType.INT64, shape), low, high);
  }

  /** 1 with probability p, else 0, in any type: a mask for dropout. */
  public static Tensor bernoulli(Device device, DType dtype, double p, int... shape) {
    return RandomFill.bernoulli(empty(device, dtype, shape), p);
  }

  /** 1 with the probabilities of a floating tensor, else 0; no gradient passes, zeros do. */
  public static Tensor bernoulli(Tensor p) {
    return RandomFill.bernoulli(p);
  }

  /** Uniform in [from, to), of a floating type. */
  public static Tensor uniform(Device device, DType dtype, double from, double to, int... shape) {
    return RandomFill.uniform("uniform", empty(device, dtype, shape), from, to);
  }

  /** Normal with a mean and a standard deviation, float32. */
  public static Tensor normal(double mean, double std, int... shape) {
    return normal(Device.CPU, DType.FLOAT32, mean, std, shape);
  }

  public static Tensor normal(Device device, DType dtype, double mean, double std, int... shape) {
    return RandomFill.normal("normal", empty(device, dtype, shape), mean, std);
  }

  /** Normal with the means and standard deviations of two tensors, broadcast. */
  public static Tensor normal(Tensor mean, Tensor std) {
    return RandomFill.normal(mean, std);
  }

  public static Tensor normal(Tensor mean, double std) {
    return RandomFill.normal(mean, std);
  }

  public static Tensor normal(double mean, Tensor std) {
    return RandomFill.normal(mean, std);
  }

  /** The int64 numbers 0 to n - 1 in random order. */
  public static Tensor randperm(int n) {
    return of(Generator.current().permutation(n), n).to(DType.INT64);
  }

  /**
   * Indices drawn with probabilities that the elements of a vector, or of each row, are
   * proportional to: on the CPU the numbers of PyTorch's without MKL, on a GPU others.
   */
  public static Tensor multinomial(Tensor weights, int numSamples, boolean replacement) {
    return RandomFill.multinomial(weights, numSamples, replacement);
  }

  /** A Java number as an operand: 0-dim, and too weak to widen another operand's type. */
  public static Tensor number(double value) {
    return of(new double[] {value}).asNumber();
  }

  /** As {@link #number(double)}, an integer: keeps integer tensors integer. */
  public static Tensor number(long value) {
    return of(new long[] {value}).asNumber();
  }

  // ---- of several

  /** One behind the other along a dimension that exists. */
  public static Tensor cat(List<Tensor> tensors, int dim) {
    return Cat.of(dim, tensors.toArray(Tensor[]::new));
  }

  /** One behind the other along a new dimension. */
  public static Tensor stack(List<Tensor> tensors, int dim) {
    return Composite.of(
        "stack",
        () -> Cat.of(dim, tensors.stream().map(t -> t.unsqueeze(dim)).toArray(Tensor[]::new)),
        tensors.toArray(Tensor[]::new));
  }

  /** Einstein's summation: {@code einsum("ij,jk->ik", a, b)} is the product of matrices. */
  public static Tensor einsum(String equation, Tensor... operands) {
    return Einsum.of(equation, operands);
  }

  /** One behind the other along the columns, or of vectors along their only dimension. */
  public static Tensor hstack(List<Tensor> tensors) {
    List<Tensor> all = tensors.stream().map(Tensor::atleast1d).toList();
    return cat(all, !all.isEmpty() && all.get(0).dim() == 1 ? 0 : 1);
  }

  /** One below the other; vectors are rows. */
  public static Tensor vstack(List<Tensor> tensors) {
    return cat(tensors.stream().map(Tensor::atleast2d).toList(), 0);
  }

  /** One behind the other along the third dimension. */
  public static Tensor dstack(List<Tensor> tensors) {
    return cat(tensors.stream().map(Tensor::atleast3d).toList(), 2);
  }

  /** Vectors as columns beside each other, and matrices. */
  public static Tensor columnStack(List<Tensor> tensors) {
    return hstack(tensors.stream().map(t -> t.dim() < 2 ? t.reshape(t.numel(), 1) : t).toList());
  }

  /** Matrices in the diagonal of one, zeros around them. */
  public static Tensor blockDiag(List<Tensor> tensors) {
    return Sequences.blockDiag(tensors.stream().map(Tensor::atleast2d).toList());
  }

  /** All combinations of an element of each vector, a row each. */
  public static Tensor cartesianProd(List<Tensor> tensors) {
    for (Tensor t : tensors)
      if (t.dim() != 1)
        throw new IllegalArgumentException(
            "cartesianProd: expect a 1D vector, but got shape " + Arrays.toString(t.shape()));
    if (tensors.size() == 1) return tensors.get(0);
    List<Tensor> grids = meshgrid("ij", tensors.toArray(Tensor[]::new));
    return stack(grids.stream().map(Tensor::flatten).toList(), 1);
  }

  /** Views of all that broadcast to one shape. */
  public static List<Tensor> broadcastTensors(List<Tensor> tensors) {
    int[] shape = {};
    for (Tensor t : tensors) shape = Shape.broadcast("broadcastTensors", shape, t.shape());
    int[] all = shape;
    return tensors.stream().map(t -> Arrays.equals(t.shape(), all) ? t : t.expand(all)).toList();
  }
}
