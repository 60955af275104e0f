package io.sparkgrad;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import io.sparkgrad.autograd.AccumulateGrad;
import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.BackwardOptions;
import io.sparkgrad.autograd.Differentiable;
import io.sparkgrad.autograd.Edge;
import io.sparkgrad.autograd.Node;
import io.sparkgrad.autograd.NonLeafGradWarning;
import io.sparkgrad.op.Clone;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.index.IndexMethods;
import io.sparkgrad.op.index.ScatterMethods;
import io.sparkgrad.op.index.SortMethods;
import io.sparkgrad.op.linalg.Einsum;
import io.sparkgrad.op.linalg.LinalgMethods;
import io.sparkgrad.op.linalg.NormMethods;
import io.sparkgrad.op.nn.ActivationMethods;
import io.sparkgrad.op.nn.ConvolutionMethods;
import io.sparkgrad.op.nn.EmbeddingMethods;
import io.sparkgrad.op.nn.LossMethods;
import io.sparkgrad.op.nn.NormalizationMethods;
import io.sparkgrad.op.nn.PoolingMethods;
import io.sparkgrad.op.pointwise.ComparisonMethods;
import io.sparkgrad.op.pointwise.MathMethods;
import io.sparkgrad.op.pointwise.PointwiseMethods;
import io.sparkgrad.op.random.RandomFill;
import io.sparkgrad.op.random.RandomMethods;
import io.sparkgrad.op.reduce.ReduceMethods;
import io.sparkgrad.op.shape.AsStrided;
import io.sparkgrad.op.shape.Cat;
import io.sparkgrad.op.shape.CopySlices;
import io.sparkgrad.op.shape.ShapeMethods;
import io.sparkgrad.random.Generator;
import java.io.NotSerializableException;
import java.io.ObjectStreamException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * An n-dimensional array that remembers how it was computed: PyTorch's Tensor. A tensor is a shape
 * and strides over a {@link Storage} that views share; operations come from one small interface a
 * family.
 *
 * <p>There is nothing to close: heap arrays, freed by the garbage collector; a {@link TensorScope}
 * around a step of a long loop has them reused at once. Reading from several threads is safe;
 * writers ({@code add_}, {@code requiresGrad_}, ...) need the caller's care, except that backward
 * passes of several threads may add to the same leaf.
 *
 * <pre>{@code
 * Tensor x = Tensor.ones(2, 2).requiresGrad_();
 * x.add(2).pow(2).mul(3).mean().backward();
 * x.grad();   // tensor([[4.5000, 4.5000], [4.5000, 4.5000]])
 * }</pre>
 */
@SuppressWarnings("serial") // what is written is a SerializedTensor
@DefaultSerializer(
    JavaSerializer.class) // where Kryo, which knows no writeReplace, would write the tape
public class Tensor
    implements ReadingMethods,
        ScalaMethods,
        PointwiseMethods,
        RandomMethods,
        ComparisonMethods,
        MathMethods,
        ActivationMethods,
        ReduceMethods,
        NormMethods,
        LossMethods,
        ShapeMethods,
        LinalgMethods,
        IndexMethods,
        ScatterMethods,
        EmbeddingMethods,
        ConvolutionMethods,
        PoolingMethods,
        NormalizationMethods,
        SortMethods,
        Differentiable,
        Serializable {
  private static final long serialVersionUID = 1;

  private Storage storage;
  private int[] shape;
  private int[] strides;
  private int offset;
  private final boolean inference;
  private boolean number;
  private boolean requiresGrad;
  private Tensor grad;
  private Node gradFn;
  private int outputIndex;
  private AccumulateGrad accumulator;
  /* Null for one that is no view, detached ones among them. */
  private ViewOf view;

  Tensor(Storage storage, int[] shape, int[] strides, int offset) {
    this(storage, shape, strides, offset, Grad.isInferenceModeEnabled());
  }

  private Tensor(Storage storage, int[] shape, int[] strides, int offset, boolean inference) {
    this.storage = storage;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.inference = inference;
  }

  /** A tensor whose numbers do not lie by strides; for such a subclass. */
  Tensor(int... shape) {
    this(null, shape.clone(), null, 0);
  }

  /** A tensor over the same numbers, as a leaf of its own; for subclasses. */
  protected Tensor(Tensor data) {
    this(there(data).storage, data.shape, data.strides, data.offset, data.inference);
  }

  private static Tensor there(Tensor data) {
    if (data == null)
      throw new NullPointerException("a parameter or buffer of null: give a tensor");
    return data;
  }

  // ---- factories; here, not inherited: Scala sees the statics of the class that it names alone

  /** A tensor over the given numbers, without a copy: PyTorch's from_numpy. */
  public static Tensor of(float[] numbers, int... shape) {
    return of(DType.FLOAT32, numbers, shape);
  }

  /** As {@link #of(float[], int...)}, a vector. */
  public static Tensor of(float[] numbers) {
    return of(numbers, numbers.length);
  }

  /** As {@link #of(float[], int...)}, float64. */
  public static Tensor of(double[] numbers, int... shape) {
    return of(DType.FLOAT64, numbers, shape);
  }

  /** As {@link #of(double[], int...)}, a vector. */
  public static Tensor of(double[] numbers) {
    return of(numbers, numbers.length);
  }

  /** As {@link #of(float[], int...)}, int64. */
  public static Tensor of(long[] numbers, int... shape) {
    return of(DType.INT64, numbers, shape);
  }

  /** As {@link #of(long[], int...)}, a vector. */
  public static Tensor of(long[] numbers) {
    return of(numbers, numbers.length);
  }

  /** As {@link #of(float[], int...)}, int32. */
  public static Tensor of(int[] numbers, int... shape) {
    return of(DType.INT32, numbers, shape);
  }

  /** As {@link #of(int[], int...)}, a vector. */
  public static Tensor of(int[] numbers) {
    return of(numbers, numbers.length);
  }

  /** As {@link #of(float[], int...)}, bool. */
  public static Tensor of(boolean[] numbers, int... shape) {
    return of(DType.BOOL, numbers, shape);
  }

  /** As {@link #of(boolean[], int...)}, a vector. */
  public static Tensor of(boolean[] numbers) {
    return of(numbers, numbers.length);
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

  /** A float32 vector of one number. */
  public static Tensor tensor(double value) {
    return of(new float[] {(float) value});
  }

  /** An int64 vector of one number. */
  public static Tensor tensor(long value) {
    return of(new long[] {value});
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

  /**
   * Numbers in arrays, lists or Scala's collections, nested as deep as the tensor has dimensions:
   * float32 if one is a double or float, bool if all are booleans, else int64. A number alone is a
   * vector of one.
   */
  public static Tensor tensor(Object numbers) {
    boolean one = numbers instanceof Number || numbers instanceof Boolean;
    return AnyList.nested(one ? List.of(numbers) : numbers);
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
    return of(new double[] {value}, new int[0]).asNumber();
  }

  /** As {@link #number(double)}, an integer: keeps integer tensors integer. */
  public static Tensor number(long value) {
    return of(new long[] {value}, new int[0]).asNumber();
  }

  // ---- of several

  /** One behind the other along a dimension that exists. */
  public static Tensor cat(List<Tensor> tensors, int dim) {
    return Cat.of(dim, tensors.toArray(Tensor[]::new));
  }

  /** As {@link #cat(List, int)}, of an array or any collection, Scala's among them. */
  public static Tensor cat(Object tensors, int dim) {
    return cat(AnyList.tensors("cat", tensors), dim);
  }

  /** One behind the other along a new dimension. */
  public static Tensor stack(List<Tensor> tensors, int dim) {
    return Composite.of(
        "stack",
        () -> Cat.of(dim, tensors.stream().map(t -> t.unsqueeze(dim)).toArray(Tensor[]::new)),
        tensors.toArray(Tensor[]::new));
  }

  /** As {@link #stack(List, int)}, of an array or any collection, Scala's among them. */
  public static Tensor stack(Object tensors, int dim) {
    return stack(AnyList.tensors("stack", tensors), dim);
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

  /** As {@link #hstack(List)}, of an array or any collection, Scala's among them. */
  public static Tensor hstack(Object tensors) {
    return hstack(AnyList.tensors("hstack", tensors));
  }

  /** One below the other; vectors are rows. */
  public static Tensor vstack(List<Tensor> tensors) {
    return cat(tensors.stream().map(Tensor::atleast2d).toList(), 0);
  }

  /** As {@link #vstack(List)}, of an array or any collection, Scala's among them. */
  public static Tensor vstack(Object tensors) {
    return vstack(AnyList.tensors("vstack", tensors));
  }

  /** One behind the other along the third dimension. */
  public static Tensor dstack(List<Tensor> tensors) {
    return cat(tensors.stream().map(Tensor::atleast3d).toList(), 2);
  }

  /** As {@link #dstack(List)}, of an array or any collection, Scala's among them. */
  public static Tensor dstack(Object tensors) {
    return dstack(AnyList.tensors("dstack", tensors));
  }

  /** Vectors as columns beside each other, and matrices. */
  public static Tensor columnStack(List<Tensor> tensors) {
    return hstack(tensors.stream().map(t -> t.dim() < 2 ? t.reshape(t.numel(), 1) : t).toList());
  }

  /** As {@link #columnStack(List)}, of an array or any collection, Scala's among them. */
  public static Tensor columnStack(Object tensors) {
    return columnStack(AnyList.tensors("columnStack", tensors));
  }

  /** Matrices in the diagonal of one, zeros around them. */
  public static Tensor blockDiag(List<Tensor> tensors) {
    return Sequences.blockDiag(tensors.stream().map(Tensor::atleast2d).toList());
  }

  /** As {@link #blockDiag(List)}, of an array or any collection, Scala's among them. */
  public static Tensor blockDiag(Object tensors) {
    return blockDiag(AnyList.tensors("blockDiag", tensors));
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

  /** As {@link #cartesianProd(List)}, of an array or any collection, Scala's among them. */
  public static Tensor cartesianProd(Object tensors) {
    return cartesianProd(AnyList.tensors("cartesianProd", tensors));
  }

  /** Views of all that broadcast to one shape. */
  public static List<Tensor> broadcastTensors(List<Tensor> tensors) {
    int[] shape = {};
    for (Tensor t : tensors) shape = Shape.broadcast("broadcastTensors", shape, t.shape());
    int[] all = shape;
    return tensors.stream().map(t -> Arrays.equals(t.shape(), all) ? t : t.expand(all)).toList();
  }

  /** As {@link #broadcastTensors(List)}, of an array or any collection, Scala's among them. */
  public static List<Tensor> broadcastTensors(Object tensors) {
    return broadcastTensors(AnyList.tensors("broadcastTensors", tensors));
  }

  // ---- what it is

  /** The numbers, shared with every view. */
  public Storage storage() {
    return storage;
  }

  public DType dtype() {
    return storage.dtype();
  }

  /** Whether only some rows are there: then it is a {@link RowSparse}. */
  public boolean isSparse() {
    return false;
  }

  /** The tensors whose numbers it holds. */
  Tensor[] parts() {
    return new Tensor[] {this};
  }

  /** Itself, or of a row-sparse one all rows. */
  public Tensor toDense() {
    return this;
  }

  /** Where the numbers lie. */
  public Device device() {
    return storage.device();
  }

  /** Sizes, outermost first. Not to be written to. */
  public int[] shape() {
    return shape;
  }

  /** The size of a dimension; -1 is the last. */
  public int size(int dim) {
    if (shape.length == 0)
      throw new IndexOutOfBoundsException(
          "Dimension specified as %d but tensor has no dimensions".formatted(dim));
    return shape[Shape.dim(dim, shape.length)];
  }

  /** Steps in the storage, a dimension each. Not to be written to. */
  public int[] strides() {
    return strides;
  }

  /** Where in the storage the first element lies. */
  public int offset() {
    return offset;
  }

  /** The count of dimensions. */
  public int dim() {
    return shape.length;
  }

  /** The count of elements. */
  public int numel() {
    return Shape.numel(shape);
  }

  /** Whether the elements lie in row-major order without gaps. */
  public boolean isContiguous() {
    return Shape.isContiguous(shape, strides);
  }

  /** Whether it stands for a Java number: see {@link #number(double)}. */
  public boolean isWrappedNumber() {
    return number;
  }

  Tensor asNumber() {
    number = true;
    return this;
  }

  /** Numbers of this one's dtype on its device that are still to be written: undefined. */
  public Tensor newEmpty(int... shape) {
    return empty(device(), dtype(), shape);
  }

  public Tensor newOnes(int... shape) {
    return newFull(1L, shape);
  }

  /** Every element the given value, of this one's dtype on its device. */
  public Tensor newFull(double value, int... shape) {
    return newEmpty(shape).fill_(value);
  }

  public Tensor newFull(long value, int... shape) {
    return newEmpty(shape).fill_(value);
  }

  /** Zeros of this one's dtype on its device. */
  public Tensor newZeros(int... shape) {
    return zeros(device(), dtype(), shape);
  }

  /** Whether it was made in inference mode, and so can never be part of a graph. */
  public boolean isInference() {
    return inference;
  }

  /** The count of in-place writes to the numbers that this tensor shares with its views. */
  public int version() {
    if (inference) {
      throw new AutogradException("Inference tensors do not track version counter.");
    }
    return storage.version();
  }

  // ---- autograd

  /**
   * Whether operations on it are recorded: a leaf that was told to, what was computed from one, and
   * any view of these. A view that was made while nothing was recorded has no part in the graph all
   * the same: its gradient goes nowhere.
   */
  public boolean requiresGrad() {
    return requiresGrad || view != null && view.base().requiresGrad;
  }

  /** Whether no recorded operation made it: its gradient stays in {@link #grad()}. */
  public boolean isLeaf() {
    return gradFn() == null;
  }

  /** The recorded operation that made it, or null. */
  public Node gradFn() {
    regenerateGradFn();
    return gradFn;
  }

  /* A view's history is that of its base. */
  private void regenerateGradFn() {
    if (view == null || !view.isBehind(this)) return;
    synchronized (view) {
      if (!view.isBehind(this) || gradFn == null && !view.base().requiresGrad) return;
      view.requireFollows(gradFn, outputIndex);
      changeHistory(() -> AsStrided.record(view.base(), this));
      view.isUpToDate(this);
    }
  }

  /* A retained gradient is that of the newest value. */
  private void changeHistory(Runnable change) {
    Node before = gradFn;
    change.run();
    if (before != null) gradFn.retainAsDid(before, outputIndex, this);
  }

  /**
   * The gradient that backward has added up, or null before the first; null, and a warning, for a
   * non-leaf without {@link #retainGrad}.
   */
  public Tensor grad() {
    if (grad == null && !isLeaf() && !retainsGrad()) NonLeafGradWarning.warn();
    return grad;
  }

  /** Replaces the gradient by one of this tensor's shape and dtype; null forgets it. */
  public void setGrad(Tensor grad) {
    if (grad == this) throw new IllegalArgumentException("can't assign a Tensor as its own grad");
    if (grad != null && !Arrays.equals(grad.shape, shape)) {
      throw new IllegalArgumentException(
          "assigned grad has data of a different size: %s for a tensor of shape %s"
              .formatted(Arrays.toString(grad.shape), Arrays.toString(shape)));
    }
    if (grad != null && grad.dtype() != dtype()) {
      throw new IllegalArgumentException(
          "assigned grad has data of a different type: %s for a tensor of %s"
              .formatted(grad.dtype(), dtype()));
    }
    if (grad != null && !grad.device().equals(device())) {
      throw new IllegalArgumentException(
          "assigned grad has data located on a different device: %s for a tensor on %s"
              .formatted(grad.device(), device()));
    }
    this.grad = grad;
  }

  /** Starts recording operations on this leaf. */
  public Tensor requiresGrad_() {
    return requiresGrad_(true);
  }

  /**
   * Starts or stops recording operations on this tensor.
   *
   * @throws AutogradException for a tensor of integers or bools, or to stop at a non-leaf
   */
  public Tensor requiresGrad_(boolean flag) {
    if (flag && !dtype().isFloatingPoint()) {
      throw new AutogradException(
          "only Tensors of floating point dtype can require gradients, this one is " + dtype());
    }
    if (flag && inference && !Grad.isInferenceModeEnabled()) {
      throw new AutogradException(
          "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.");
    }
    if (!flag && !isLeaf()) {
      throw new AutogradException(
          "you can only change requires_grad flags of leaf variables. If you want to use a computed"
              + " variable in a subgraph that doesn't require differentiation use varNoGrad ="
              + " var.detach().");
    }
    requiresGrad = flag;
    return this;
  }

  /**
   * Adds the gradients of this one-element tensor to the {@code .grad} of the leaves it depends on.
   *
   * @throws AutogradException if it has more elements or no history, if a tensor that a derivative
   *     needs was changed in place, or if an earlier pass has freed the graph
   */
  public void backward() {
    backward(BackwardOptions.of());
  }

  /** As {@link #backward()}, of any shape, weighted by a gradient of that shape. */
  public void backward(Tensor gradient) {
    backward(BackwardOptions.of().gradient(gradient));
  }

  /** As {@link #backward()}, with a gradient, the graph kept, or the pass itself recorded. */
  public void backward(BackwardOptions options) {
    Autograd.backward(this, options);
  }

  /** New numbers of the same value, recorded. */
  @Override
  public Tensor clone() {
    return Clone.of(this);
  }

  /** The same numbers and version counter, without history. */
  public Tensor detach() {
    return new Tensor(storage, shape, strides, offset, inference);
  }

  /** Makes this tensor a leaf without history, as {@link #detach()} makes another one. */
  public Tensor detach_() {
    if (view != null) {
      throw new AutogradException(
          "Can't detach views in-place. Use detach() instead: the base would keep its history.");
    }
    gradFn = null;
    outputIndex = 0;
    requiresGrad = false;
    return this;
  }

  /**
   * The same numbers under a version counter of their own: writes go unnoticed. {@link #detach()}
   * is the safe form.
   */
  public Tensor data() {
    return new Tensor(storage.unversioned(), shape, strides, offset, inference);
  }

  /**
   * Lets this tensor show other numbers, shared with {@code data}, under its own version counter:
   * PyTorch's {@code p.data = t}. Shape, dtype and device become those of {@code data}; history and
   * gradient stay.
   */
  public void setData(Tensor data) {
    if (data == null)
      throw new IllegalArgumentException("setData: a tensor cannot be without data; got null");
    if (isSparse() || data.isSparse())
      throw new IllegalArgumentException("setData: takes and changes strided tensors only");
    if (requiresGrad && !data.dtype().isFloatingPoint()) {
      throw new AutogradException(
          "data set to a tensor that requires gradients must be floating point or complex dtype,"
              + " got "
              + data.dtype());
    }
    boolean other = !Arrays.equals(shape, data.shape) || dtype() != data.dtype();
    storage = data.storage.unversioned(storage.version());
    shape = data.shape;
    strides = data.strides;
    offset = data.offset;
    view = null;
    synchronized (this) {
      if (other && accumulator != null) accumulator = accumulator.renewed();
    }
  }

  /** Where this tensor's gradient is sent, or null if it goes nowhere. */
  public Edge gradientEdge() {
    if (!isLeaf()) return new Edge(gradFn, outputIndex);
    if (!requiresGrad) return null;
    synchronized (this) {
      if (accumulator == null) accumulator = new AccumulateGrad(this);
      return new Edge(accumulator, 0);
    }
  }

  /** Makes the given node this tensor's history; for operations. */
  public void setHistory(Node node, int output) {
    gradFn = node;
    outputIndex = output;
    requiresGrad = true;
  }

  /** The same numbers with the given history; for what was saved in another form. */
  public Tensor withHistory(Edge edge) {
    Tensor t = detach();
    t.requiresGrad = true;
    if (edge.node() instanceof AccumulateGrad leaf) t.accumulator = leaf;
    else t.setHistory(edge.node(), edge.index());
    return t;
  }

  // ---- for operations

  /** Other sizes and strides over the same storage; records nothing. */
  public Tensor alias(int[] shape, int[] strides, int offset) {
    Tensor alias = new Tensor(storage, shape, strides, offset, inference);
    if (!inference) alias.view = new ViewOf(this, view);
    return alias;
  }

  /** Marks a view that an operation returns beside others: it is not written while recording. */
  public Tensor oneOfSeveral() {
    if (view != null && view.made() == ViewOf.Made.RECORDING)
      view.setMade(ViewOf.Made.ONE_OF_SEVERAL);
    return this;
  }

  /** Marks a view that a Function made, alone or beside others. */
  public void madeByFunction(boolean alone) {
    if (view != null) view.setMade(alone ? ViewOf.Made.FUNCTION : ViewOf.Made.ONE_OF_SEVERAL);
  }

  /**
   * Shows its numbers as a view of it does, and takes over the view's history: {@code t_()} and its
   * kin. Other tensors over the same numbers stay as they are.
   *
   * @param view makes the view
   */
  public Tensor become(String op, Supplier<Tensor> view) {
    checkInPlace(op, requiresGrad() && Grad.isEnabled());
    Tensor shown = view.get();
    shape = shown.shape;
    strides = shown.strides;
    offset = shown.offset;
    storage.bumpVersion();
    if (shown.gradFn != null) changeHistory(() -> setHistory(shown.gradFn, shown.outputIndex));
    if (this.view != null) this.view.isUpToDate(this);
    return this;
  }

  /** Makes this a tensor of its own: it is a view of what nobody else has. */
  public Tensor own() {
    view = null;
    return this;
  }

  /** As {@link #own}, unless it is a view of a given one or its base. */
  public void ownUnlessViewOf(Tensor... others) {
    if (view == null) return;
    for (Tensor other : others) {
      if (other == null) continue;
      if (view.base() == other || other.view != null && view.base() == other.view.base()) return;
    }
    own();
  }

  /**
   * Errors where PyTorch forbids an in-place write while recording.
   *
   * @param recorded whether the write becomes part of the graph
   */
  public void checkInPlace(String op, boolean recorded) {
    if (inference && !Grad.isInferenceModeEnabled()) {
      throw new AutogradException(
          op
              + ": Inplace update to inference tensor outside InferenceMode is not allowed. You can"
              + " make a clone to get a normal tensor before doing inplace update.");
    }
    if (!Grad.isEnabled()) return;
    if (view != null && (recorded || requiresGrad || view.base().requiresGrad)) {
      view.checkWrite(op, gradFn, outputIndex);
      if (view.base().isLeaf() && (requiresGrad || view.base().requiresGrad))
        throw leaf("a view of a leaf", op);
    }
    if (requiresGrad && isLeaf()) throw leaf("a leaf", op);
  }

  private static AutogradException leaf(String what, String op) {
    return new AutogradException(
        "%s Variable that requires grad is being used in an in-place operation. (%s; wrap the update in Grad.noGrad())"
            .formatted(what, op));
  }

  /** The same numbers with this tensor's history, for an in-place operation that replaces it. */
  public Tensor before() {
    return withHistoryOf(detach());
  }

  /** As {@link #before}, of numbers that stay as they are. */
  public Tensor snapshot() {
    return withHistoryOf(Ops.copy(this, device(), dtype()));
  }

  private Tensor withHistoryOf(Tensor copy) {
    if (view != null && view.base().requiresGrad) {
      AsStrided.record(view.base(), copy, this);
      return copy;
    }
    copy.requiresGrad = requiresGrad;
    copy.gradFn = gradFn;
    copy.outputIndex = outputIndex;
    return copy;
  }

  /**
   * Takes over the history of a recorded in-place operation's result, of which this already has the
   * numbers; a view makes it part of its base's, and so of all other views'.
   */
  public void rebase(Tensor result) {
    if (view == null) changeHistory(() -> setHistory(result.gradFn, result.outputIndex));
    else view.base().changeHistory(() -> CopySlices.record(view.base(), this, result));
    regenerateGradFn();
  }

  /** Values, dtype, shape, requiresGrad and device are written, and of a leaf only. */
  protected Object writeReplace() throws ObjectStreamException {
    if (isLeaf()) return new SerializedTensor(this);
    throw new NotSerializableException(
        "Only Tensors created explicitly by the user (graph leaves) support serialization, this one was made by %s; serialize its detach()"
            .formatted(gradFn.name()));
  }

  /** PyTorch's text: {@code tensor([[1., 2.]], requires_grad=True)}. */
  @Override
  public String toString() {
    String gradient = gradientText();
    Tensor shown = device().isCuda() ? Ops.copy(this, Device.CPU, dtype()) : this;
    return shown.text(device().isCuda() ? device().toString() : null, gradient);
  }

  private String gradientText() {
    try {
      if (!isLeaf()) return "grad_fn=<" + gradFn.name() + ">";
    } catch (AutogradException historyIsGone) {
      return "grad_fn=<Invalid>";
    }
    return requiresGrad() ? "requires_grad=True" : null;
  }

  private String text(String device, String gradient) {
    String dtype = dtype().toString();
    if (dtype().isFloatingPoint())
      return TensorFormat.floats(
          shape, i -> storage.getDouble(position(i)), dtype, device, gradient);
    return dtype() == DType.BOOL
        ? TensorFormat.booleans(shape, i -> storage.getLong(position(i)) != 0, device)
        : TensorFormat.integers(shape, i -> storage.getLong(position(i)), dtype, device);
  }

  /** Where in the storage the i-th element in row-major order lies. */
  private int position(long i) {
    int at = offset;
    for (int d = shape.length - 1; d >= 0; d--) {
      at += (int) (i % shape[d]) * strides[d];
      i /= shape[d];
    }
    return at;
  }
}
