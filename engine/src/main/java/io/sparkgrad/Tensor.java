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
import io.sparkgrad.autograd.NonLeafGrad;
import io.sparkgrad.op.Clone;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.index.IndexMethods;
import io.sparkgrad.op.index.ScatterMethods;
import io.sparkgrad.op.index.SortMethods;
import io.sparkgrad.op.linalg.LinalgMethods;
import io.sparkgrad.op.linalg.NormMethods;
import io.sparkgrad.op.nn.ActivationMethods;
import io.sparkgrad.op.nn.EmbeddingMethods;
import io.sparkgrad.op.nn.LossMethods;
import io.sparkgrad.op.pointwise.ComparisonMethods;
import io.sparkgrad.op.pointwise.MathMethods;
import io.sparkgrad.op.pointwise.PointwiseMethods;
import io.sparkgrad.op.random.RandomMethods;
import io.sparkgrad.op.reduce.ReduceMethods;
import io.sparkgrad.op.shape.AsStrided;
import io.sparkgrad.op.shape.CopySlices;
import io.sparkgrad.op.shape.ShapeMethods;
import java.io.NotSerializableException;
import java.io.ObjectStreamException;
import java.io.Serializable;
import java.util.Arrays;
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
public class Tensor extends Creation
    implements PointwiseMethods,
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
        SortMethods,
        Differentiable,
        Serializable {
  private static final long serialVersionUID = 1;
  private static final double MOST_EXACT = 0x1p53; // up to it every whole number is a double

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
    this(data.storage, data.shape, data.strides, data.offset, data.inference);
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

  // ---- reading

  /**
   * The only element's value; an error for any other count, and for a whole number that no double
   * is: {@link #itemLong} gives it.
   */
  public double item() {
    return exact(onlyElement(), "item() cannot give it; itemLong() can");
  }

  /** The only element's value as a whole number, to the last bit; a fraction is cut. */
  public long itemLong() {
    return storage.getLong(onlyElement());
  }

  private int onlyElement() {
    if (numel() != 1) {
      throw new IllegalStateException(
          "a Tensor with %d elements cannot be converted to Scalar: shape %s"
              .formatted(numel(), Arrays.toString(shape)));
    }
    return offset;
  }

  private double exact(int at, String otherwise) {
    double v = storage.getDouble(at);
    if (!dtype().fitsInto(DType.FLOAT64) && (Math.abs(v) >= MOST_EXACT)) {
      long whole = storage.getLong(at);
      if (v == 0x1p63 || (long) v != whole)
        throw new ArithmeticException("%d is no double: %s".formatted(whole, otherwise));
    }
    return v;
  }

  /**
   * The element at the given indices; an error for a whole number that no double is: {@link
   * #atLong} gives it.
   */
  public double at(int... indices) {
    return exact(element(indices), "at(...) cannot give it; atLong(...) can");
  }

  /** The element at the given indices as a whole number, to the last bit; a fraction is cut. */
  public long atLong(int... indices) {
    return storage.getLong(element(indices));
  }

  private int element(int... indices) {
    if (indices.length != shape.length) {
      throw new IndexOutOfBoundsException(
          "%s indices for a tensor of %s dimensions".formatted(indices.length, shape.length));
    }
    int at = offset;
    for (int d = 0; d < indices.length; d++) {
      int i = indices[d] < 0 ? indices[d] + shape[d] : indices[d];
      if (i < 0 || i >= shape[d]) {
        throw new IndexOutOfBoundsException(
            "index %s is out of bounds for dimension %s with size %s"
                .formatted(indices[d], d, shape[d]));
      }
      at += i * strides[d];
    }
    return at;
  }

  /** A copy of the elements in row-major order. */
  public float[] toFloats() {
    return Ops.copy(this, Device.CPU, DType.FLOAT32).storage.floats();
  }

  /** A copy of the elements in row-major order. */
  public double[] toDoubles() {
    return Ops.copy(this, Device.CPU, DType.FLOAT64).storage.doubles();
  }

  /** A copy of the elements in row-major order; fractions are cut. */
  public long[] toLongs() {
    return Ops.copy(this, Device.CPU, DType.INT64).storage.longs();
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
    if (grad == null && !isLeaf() && !retainsGrad()) NonLeafGrad.warn();
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
          "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a "
              + "subgraph that doesn't require differentiation use varNoGrad = var.detach().");
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
          "data set to a tensor that requires gradients must be floating point or complex dtype, got "
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
              + ": Inplace update to inference tensor outside InferenceMode is not allowed. You can make a clone to "
              + "get a normal tensor before doing inplace update.");
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
