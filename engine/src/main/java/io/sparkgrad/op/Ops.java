package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Grad;
import io.sparkgrad.Scalar;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.autograd.OpNode;
import io.sparkgrad.autograd.Profiler;
import java.util.Arrays;
import java.util.List;

/** The registry of operations, and how one is called. */
public final class Ops {
  /** Every op, a line each; the tests find it here. */
  public static final List<Op> ALL =
      List.of(
          new Abs(),
          new Trigonometry.Acos(),
          new Trigonometry.Acosh(),
          new Add(),
          new AddProduct(1, 1),
          new TernaryOps.Addcdiv(1),
          new TernaryOps.Addcmul(Scalar.of(1)),
          new Amax(new int[0], false),
          new Amin(new int[0], false),
          new Argmax(0, false),
          new Argmin(0, false),
          new AsStrided(Layout.SCALAR, Layout.SCALAR),
          new AsStridedAdjoint(1, Layout.SCALAR),
          new Trigonometry.Asin(),
          new Trigonometry.Asinh(),
          new Trigonometry.Atan(),
          new BinaryOps.Atan2(),
          new Trigonometry.Atanh(),
          new Bitwise(Bitwise.Kind.AND),
          new Bmm(),
          new Cast(DType.FLOAT64),
          new Cdist(2),
          new Cat(0),
          new Rounding.Ceil(),
          new Cholesky(false),
          new Clamp(0, 1),
          new TernaryOps.ClampBetween(),
          new MinMax.ClampMax(),
          new MinMax.ClampMin(),
          new Clone(),
          new Compare(Compare.Relation.EQ),
          new Copy(),
          new CopySlices(Layout.SCALAR, Layout.SCALAR),
          new BinaryOps.Copysign(),
          new Trigonometry.Cos(),
          new Trigonometry.Cosh(),
          new Cummax(0),
          new Cummin(0),
          new CrossEntropy(-100, Reduce.MEAN),
          new Cumprod(0),
          new Cumsum(0),
          new Det(),
          new Diagonal(0, 0, 1),
          new Gamma.Digamma(),
          new Div(),
          new DivRounded(DivRounded.Mode.FLOOR),
          ActivationOps.Elu.elu(1),
          new Embedding(EmbeddingOptions.of()),
          new Exponentials.Erf(),
          new Exponentials.Erfc(),
          new Exponentials.Erfinv(),
          new Exp(),
          new Exponentials.Exp2(),
          new Expand(),
          new Exponentials.Expm1(),
          new Flip(),
          new Rounding.Floor(),
          new MinMax.Fmax(),
          new MinMax.Fmin(),
          new BinaryOps.Fmod(),
          new Rounding.Frac(),
          new Gather(0),
          new ActivationOps.Gelu(),
          new ActivationOps.GeluTanh(),
          new ActivationOps.Hardshrink(0.5),
          new ActivationOps.Hardsigmoid(),
          new ActivationOps.Hardswish(),
          new ActivationOps.Hardtanh(-1, 1),
          new BinaryOps.Heaviside(),
          new BinaryOps.Hypot(),
          new Inverse(),
          new ActivationOps.LeakyRelu(0.01),
          new TernaryOps.Lerp(null),
          new Gamma.Lgamma(),
          new Linear(),
          new Log(),
          new Exponentials.Log10(),
          new Exponentials.Log1p(),
          new Exponentials.Log2(),
          BinaryOps.Logaddexp.natural(),
          new Logit(),
          new ActivationOps.LogSigmoid(),
          new LogSoftmax(0),
          new Logcumsumexp(0),
          new Logsumexp(new int[0], false),
          new MaxDim(0, false),
          new MinMax.Maximum(),
          new Mean(new int[0], false),
          new Median(false),
          new MinDim(0, false),
          new MinMax.Minimum(),
          new ActivationOps.Mish(),
          new Mm(),
          new Moments(false, new int[0], false, 1),
          new Move(Device.CPU),
          new Mse(Reduce.MEAN),
          new Mul(),
          new NanToNum(0, 0, 0),
          new Nansum(new int[0], false),
          new Narrow(0, 0, 0),
          new Neg(),
          new NllLoss(-100, Reduce.MEAN),
          new Nonzero(),
          new Norm(2, new int[0], false),
          new Permute(),
          new Gamma.Polygamma(1),
          new Pow(),
          new PowScalar(1),
          new BinaryOps.Prelu(),
          new Prod(new int[0], false),
          new Exponentials.Reciprocal(),
          new Relu(),
          new BinaryOps.Remainder(),
          new Renorm(2, 0, 1),
          new Roll(0, 0),
          new Rounding.Round(0),
          new Exponentials.Rsqrt(),
          new Scan(0, false),
          new Scatter(0),
          new ScatterAdd(0),
          new ScatterReduce(0, ScatterReduce.By.PROD, true),
          new Searchsorted(false),
          new Select(0, 0),
          new Sigmoid(),
          new Sign(),
          new Silu(),
          new Trigonometry.Sin(),
          new Trigonometry.Sinc(),
          new Trigonometry.Sinh(),
          new Slice(0, 0, 0, 1),
          new Slogdet(),
          new Softmax(0),
          new Solve(),
          new ActivationOps.Softplus(1, 20),
          new ActivationOps.Softshrink(0.5),
          new ActivationOps.Softsign(),
          new Sort(0, false),
          new Split(new int[0], 0),
          new Sqrt(),
          new Std(new int[0], false, 1),
          new Sum(new int[0], false),
          new Trigonometry.Tan(),
          new Tanh(),
          new ActivationOps.Tanhshrink(),
          new ActivationOps.Threshold(0, 0),
          new Transpose(0, 0),
          new Triangle(true, 0),
          new TriangularSolve(false, false, false),
          new Rounding.Trunc(),
          new Unfold(0, 0, 1),
          new Unbind(0),
          new Var(new int[0], false, 1),
          new View(),
          new ViewAdjoint(new Narrow(0, 0, 0), 0),
          new Where(),
          new BinaryOps.Xlogy());

  private Ops() {}

  /** Runs an op of one output, and records the call if an input needs a gradient. */
  public static Tensor call(Op op, Tensor... in) {
    return callAll(op, in)[0];
  }

  /** As {@link #call}, for any count of outputs. */
  public static Tensor[] callAll(Op op, Tensor... in) {
    Profiler profiler = Profiler.current();
    return profiler == null ? run(op, in) : profiler.forward(op.name(), () -> run(op, in));
  }

  private static Tensor[] run(Op op, Tensor... in) {
    if (SparseOps.isMeant(in)) return new Tensor[] {SparseOps.call(op, in)};
    StorageTypes.check(op, in);
    requireKernel(op, in);
    if (!isRecorded(op, in)) return forward(op, Context.NONE, in);
    OpNode node = new OpNode(op, in);
    try (var mode = Grad.computing()) {
      Tensor[] out = forward(op, node, in);
      node.record(out);
      return out;
    }
  }

  private static void requireKernel(Op op, Tensor... in) {
    if (device(op, in).isCuda() && op.onCuda() == null) {
      throw new UnsupportedOperationException(
          op.name() + ": has no CUDA kernel; move its inputs by .to(Device.CPU)");
    }
  }

  /* What the op makes on its way and nobody gets is freed at once. */
  private static Tensor[] forward(Op op, Context ctx, Tensor... in) {
    try (TensorScope scope = op.makesTemporaries(in) ? TensorScope.open(op::name) : null) {
      Tensor[] out = op.forward(ctx, in);
      for (Tensor t : out) t.ownUnlessViewOf(in[0]); // what it shows besides is the op's own
      if (scope == null) return out;
      scope.keep(out);
      scope.keep(ctx.allSaved());
      return out;
    } catch (RuntimeException e) {
      throw CallError.of(op.name(), e);
    }
  }

  /** Where an op on these inputs computes. */
  static Device device(Tensor... in) {
    return device(null, in);
  }

  /* A 0-dim tensor on the CPU is a number, good on every device. */
  private static Device device(Op op, Tensor... in) {
    Device found = null;
    for (Tensor t : in) {
      if (t.dim() == 0 && !t.device().isCuda()) continue;
      if (found == null) found = t.device();
      else if (found != t.device()
          && !found.equals(t.device())
          && op != null
          && op.needsOneDevice()) throw elsewhere(op, found, t.device());
    }
    return found == null ? Device.CPU : found;
  }

  private static IllegalArgumentException elsewhere(Op op, Device a, Device b) {
    return new IllegalArgumentException(
        op.name()
            + ": Expected all tensors to be on the same device, but found at least two devices, "
            + a
            + " and "
            + b
            + "; move one by .to(device)");
  }

  /* The look into the thread comes last. */
  private static boolean isRecorded(Op op, Tensor... in) {
    return op.isDifferentiable() && anyRequiresGrad(in) && Grad.isEnabled();
  }

  private static boolean anyRequiresGrad(Tensor... in) {
    boolean needed = false;
    for (Tensor t : in) needed |= t.requiresGrad();
    return needed;
  }

  /**
   * The in-place form: writes the op's result over its first input, which takes over the result's
   * history.
   */
  static Tensor inPlace(Op op, Tensor target, Tensor... others) {
    Profiler profiler = Profiler.current();
    try {
      if (profiler == null) return write(op, target, others);
      return profiler.forward(op.name() + "_", () -> new Tensor[] {write(op, target, others)})[0];
    } catch (RuntimeException e) {
      throw CallError.of(op.name() + "_", e);
    }
  }

  private static Tensor write(Op op, Tensor target, Tensor... others) {
    if (target.isSparse() || SparseOps.isMeant(others))
      return SparseOps.inPlace(op, target, others);
    op.overlap(others).check(target, others);
    Tensor[] in = new Tensor[others.length + 1];
    in[0] = target;
    System.arraycopy(others, 0, in, 1, others.length);
    StorageTypes.check(op, in);
    if (!op.isDifferentiable()) return writeDiscrete(op, target, in);
    boolean recorded = isRecorded(op, in) && target.dtype().isFloatingPoint();
    target.checkInPlace(op.name() + "_", recorded);
    if (!recorded) {
      try (TensorScope scope = TensorScope.open(op::name)) {
        if (op.forwardInto(target, in)) target.storage().bumpVersion();
        else overwrite(op.name(), target, call(op, in));
      }
      return target;
    }
    for (int i = 0; i < in.length; i++) if (in[i] == target) in[i] = target.before();
    requireKernel(op, in);
    OpNode node = new OpNode(op, in);
    String name = op.inPlaceNodeName(in);
    if (name != null) node.setName(name);
    Tensor result;
    try (var mode = Grad.computing()) {
      result = forward(op, node, in)[0];
      node.recordWrite(in[0], result, target);
    }
    target.rebase(result);
    return target;
  }

  /** Copies the result of an operation, or a method, over the tensor that it is to change. */
  public static void overwrite(String op, Tensor target, Tensor result) {
    checkFits(op, result, target);
    Loops.copy(result, target);
    target.storage().bumpVersion();
  }

  /* What has no derivative passes zeros, and the target's history must say so. */
  private static Tensor writeDiscrete(Op op, Tensor target, Tensor... in) {
    boolean recorded = Grad.isEnabled() && target.dtype().isFloatingPoint() && anyRequiresGrad(in);
    target.checkInPlace(op.name() + "_", recorded);
    Tensor result = call(op, in);
    if (!recorded) {
      overwrite(op.name(), target, result);
      return target;
    }
    checkFits(op.name(), result, target);
    Tensor values = copy(result, target.device(), target.dtype());
    new OpNode(op, in).record(values);
    overwrite(op.name(), target, values);
    target.rebase(values);
    return target;
  }

  private static void checkFits(String op, Tensor result, Tensor target) {
    if (!Arrays.equals(result.shape(), target.shape())) {
      throw new IllegalArgumentException(
          "%s_: output with shape %s doesn't match the broadcast shape %s"
              .formatted(op, Arrays.toString(target.shape()), Arrays.toString(result.shape())));
    }
    if (!result.dtype().castsTo(target.dtype())) {
      throw new IllegalArgumentException(
          "%s_: result type %s can't be cast to the desired output type %s"
              .formatted(op, result.dtype(), target.dtype()));
    }
  }

  /** Gives a view the history of its base as it is now. */
  public static void recordView(Tensor base, Tensor view) {
    recordView(base, view, view);
  }

  /** As {@link #recordView(Tensor, Tensor)}, for another tensor that has the view's numbers. */
  public static void recordView(Tensor base, Tensor copy, Tensor view) {
    new OpNode(new AsStrided(Layout.of(base), Layout.of(view)), base).record(copy);
  }

  /** Gives a base the history of having had values written where a view shows it. */
  public static void recordWrite(Tensor base, Tensor view, Tensor values) {
    new OpNode(new CopySlices(Layout.of(base), Layout.of(view)), base, values).record(base);
  }

  /** Errors where {@code target.copy_(source)} would for numbers that the two share. */
  public static void checkCopy(Tensor target, Tensor source) {
    Overlap.PARTIAL.check(target, source);
  }

  /** Whether the tensor shows each number between its first and its last just once. */
  public static boolean isDense(Tensor t) {
    return Layout.of(t).isDense();
  }

  /** Whether the tensor shows a number more than once. */
  public static boolean overlaps(Tensor t) {
    return Layout.of(t).overlaps();
  }

  /**
   * Gives the node of a single operation the name of the method that it was called for; several are
   * a {@link Composite}. The result must be new.
   */
  public static Tensor named(String node, Tensor result) {
    if (result.gradFn() instanceof OpNode last) last.setName(node);
    return result.own();
  }

  /** What {@code tensor.clone()} records. */
  public static Tensor clone(Tensor t) {
    return call(new Clone(), t);
  }

  /** What {@code Tensor.cat} records. */
  public static Tensor cat(int dim, Tensor... tensors) {
    return call(new Cat(dim), tensors);
  }

  /** What {@code Tensor.einsum} computes. */
  public static Tensor einsum(String equation, Tensor... operands) {
    return Composite.named("einsum", () -> Einsum.of(equation, operands));
  }

  /** Numbers still to be written for a result of these operands, on their device. */
  static Tensor emptyLike(DType dtype, int[] shape, Tensor... operands) {
    Device device = device(operands);
    return Layout.areContiguous(operands)
        ? Tensor.empty(device, dtype, shape)
        : Tensor.emptyStrided(device, dtype, shape, Layout.stridesLike(shape, operands));
  }

  /** New numbers of the same value, in the order of the tensor's own; records nothing. */
  static Tensor copyLike(Tensor t, Device device, DType dtype) {
    int[] strides = Layout.stridesLike(t.shape(), t);
    Tensor out = Tensor.emptyStrided(device, dtype, t.shape(), strides);
    Loops.copy(t, out);
    return out;
  }

  /** New contiguous numbers of the same value; records nothing. */
  static Tensor copy(Tensor t) {
    return copy(t, t.device(), t.dtype());
  }

  /** As {@link #copy(Tensor)}, of the given type on the given device. */
  public static Tensor copy(Tensor t, Device device, DType dtype) {
    Tensor out = Tensor.empty(device, dtype, t.shape());
    Loops.copy(t, out);
    return out;
  }
}
