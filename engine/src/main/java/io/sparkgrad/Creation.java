package io.sparkgrad;

import io.sparkgrad.op.Ops;
import io.sparkgrad.random.Generator;
import java.util.Arrays;
import java.util.List;

/**
 * What makes tensors: static, and called on {@link Tensor}, which inherits it ({@code
 * Tensor.zeros(2, 2)}).
 */
public abstract class Creation {
  Creation() {}

  /** A tensor over the given numbers, without a copy: PyTorch's from_numpy. */
  public static Tensor of(float[] numbers, int... shape) {
    return over(Storage.of(numbers), numbers.length, shape);
  }

  /** As {@link #of(float[], int...)}, float64. */
  public static Tensor of(double[] numbers, int... shape) {
    return over(Storage.of(numbers), numbers.length, shape);
  }

  /** As {@link #of(float[], int...)}, int64. */
  public static Tensor of(long[] numbers, int... shape) {
    return over(Storage.of(numbers), numbers.length, shape);
  }

  /** As {@link #of(float[], int...)}, int32. */
  public static Tensor of(int[] numbers, int... shape) {
    return over(Storage.of(numbers), numbers.length, shape);
  }

  /** As {@link #of(float[], int...)}, bool. */
  public static Tensor of(boolean[] numbers, int... shape) {
    return over(Storage.of(numbers), numbers.length, shape);
  }

  private static Tensor over(Storage storage, int length, int[] shape) {
    if (Shape.numel(shape) != length) {
      throw new IllegalArgumentException(
          "shape '" + Arrays.toString(shape) + "' is invalid for input of size " + length);
    }
    return new Tensor(storage, shape.clone(), Shape.strides(shape), 0);
  }

  /** A float32 view of part of an array: {@code numbers[from .. from + numel)}, without a copy. */
  public static Tensor slice(float[] numbers, int from, int... shape) {
    if (from < 0 || from + (long) Shape.numel(shape) > numbers.length) {
      throw new IndexOutOfBoundsException(
          "shape "
              + Arrays.toString(shape)
              + " at "
              + from
              + " does not fit into "
              + numbers.length
              + " numbers");
    }
    return new Tensor(Storage.of(numbers), shape.clone(), Shape.strides(shape), from);
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
            "expected rows of length "
                + columns
                + " (row 0), but row "
                + r
                + " has length "
                + rows[r].length);
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

  /** As {@link #empty}, for numbers that come from the CPU: the copy runs beside other work. */
  public static Tensor forUpload(Device device, DType dtype, int... shape) {
    int n = Shape.numel(shape);
    Storage empty =
        device.isCuda() ? Storage.forUpload(device, dtype, n) : Storage.allocate(dtype, n);
    return new Tensor(empty, shape.clone(), Shape.strides(shape), 0);
  }

  public static Tensor ones(int... shape) {
    return full(1, shape);
  }

  public static Tensor full(double value, int... shape) {
    return full(value, DType.FLOAT32, shape);
  }

  /** Every element the given value, converted to the dtype. */
  public static Tensor full(double value, DType dtype, int... shape) {
    Tensor t = empty(Device.CPU, dtype, shape);
    t.storage().fill(value);
    return t;
  }

  /** The int64 numbers 0 to end - 1. */
  public static Tensor arange(long end) {
    long[] numbers = new long[Math.toIntExact(Math.max(0, end))];
    for (int i = 0; i < numbers.length; i++) numbers[i] = i;
    return of(numbers, numbers.length);
  }

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
    Tensor t = empty(device, dtype.orFloat(), shape);
    if (device.isCuda()) DeviceRandom.uniform(t);
    else if (t.dtype() == DType.FLOAT32)
      Generator.current().fillUniform(t.storage().<float[]>array(), 0, t.numel());
    else Generator.current().fillUniform(t.storage().<double[]>array(), 0, t.numel());
    return t;
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
    Tensor t = empty(device, dtype.orFloat(), shape);
    if (device.isCuda()) DeviceRandom.normal(t);
    else if (t.dtype() == DType.FLOAT32)
      Generator.current().fillNormal(t.storage().<float[]>array(), 0, t.numel());
    else Generator.current().fillNormal(t.storage().<double[]>array(), 0, t.numel());
    return t;
  }

  /** int64 numbers in [low, high), each as likely: torch.randint. */
  public static Tensor randint(Device device, long low, long high, int... shape) {
    Tensor t = empty(device, DType.INT64, shape);
    if (device.isCuda()) DeviceRandom.ints(t, low, high);
    else Generator.current().fillInts(t.storage().array(), 0, t.numel(), low, high);
    return t;
  }

  /** 1 with probability p, else 0, in a floating type: a mask for dropout. */
  public static Tensor bernoulli(Device device, DType dtype, double p, int... shape) {
    Tensor t = empty(device, dtype.orFloat(), shape);
    if (device.isCuda()) DeviceRandom.bernoulli(t, p);
    else if (t.dtype() == DType.FLOAT32)
      Generator.current().fillBernoulli(t.storage().<float[]>array(), 0, t.numel(), p);
    else Generator.current().fillBernoulli(t.storage().<double[]>array(), 0, t.numel(), p);
    return t;
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
    return Ops.cat(dim, tensors.toArray(Tensor[]::new));
  }

  /** One behind the other along a new dimension. */
  public static Tensor stack(List<Tensor> tensors, int dim) {
    Tensor[] slices = tensors.stream().map(t -> t.unsqueeze(dim)).toArray(Tensor[]::new);
    return Ops.named("StackBackward0", Ops.cat(dim, slices));
  }

  /** Einstein's summation: {@code einsum("ij,jk->ik", a, b)} is the product of matrices. */
  public static Tensor einsum(String equation, Tensor... operands) {
    return Ops.einsum(equation, operands);
  }
}
