package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.autograd.OpNode;
import io.sparkgrad.autograd.Profiler;
import io.sparkgrad.op.index.IndexOps;
import io.sparkgrad.op.kernel.TensorGeometry;
import io.sparkgrad.op.linalg.LinalgOps;
import io.sparkgrad.op.nn.NnOps;
import io.sparkgrad.op.pointwise.PointwiseOps;
import io.sparkgrad.op.reduce.ReduceOps;
import io.sparkgrad.op.shape.ShapeOps;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The registry of operations, and how one is called. */
public final class Ops {
  /** Every op, by name; the tests find it here. A family's list has a line for each of its ops. */
  public static final List<Op> ALL =
      Stream.of(
              List.<Op>of(new Clone(), new Copy(), new FlatSlope()),
              PointwiseOps.ALL,
              ReduceOps.ALL,
              ShapeOps.ALL,
              IndexOps.ALL,
              LinalgOps.ALL,
              NnOps.ALL)
          .flatMap(List::stream)
          .sorted(Comparator.comparing(Op::name))
          .toList();

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
    if (SparseDispatch.isMeant(op, 0, in)) return new Tensor[] {SparseDispatch.call(op, in)};
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
    if (device(op, in).isCuda() && op.cudaSupport() == null) {
      throw new UnsupportedOperationException(
          op.name() + ": has no CUDA kernel; move its inputs by .to(Device.CPU)");
    }
  }

  /** The outputs of an op on inputs of the caller's own, in the middle of another op. */
  public static Tensor[] unrecorded(Op op, Tensor... in) {
    return op.forward(Context.NONE, in);
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
  public static Device device(Tensor... in) {
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
        "%s: Expected all tensors to be on the same device, but found at least two devices, %s and %s; move one by .to(device)"
            .formatted(op.name(), a, b));
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
  public static Tensor inPlace(Op op, Tensor target, Tensor... others) {
    Profiler profiler = Profiler.current();
    try {
      if (profiler == null) return write(op, target, others);
      return profiler.forward(op.name() + "_", () -> new Tensor[] {write(op, target, others)})[0];
    } catch (RuntimeException e) {
      throw CallError.of(op.name() + "_", e);
    }
  }

  private static Tensor write(Op op, Tensor target, Tensor... others) {
    if (target.isSparse() || SparseDispatch.isMeant(op, 1, others))
      return SparseDispatch.inPlace(op, target, others);
    op.overlap(target, others).check(target, others);
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
    try (var mode = Grad.computing()) {
      node.recordWrite(in[0], forward(op, node, in)[0], target);
    }
    return target;
  }

  /** Copies the result of an operation, or a method, over the tensor that it is to change. */
  public static void overwrite(String op, Tensor target, Tensor result) {
    checkFits(op, result, target);
    Copy.copy(result, target);
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

  /**
   * Gives the node of a single operation the name of the method that it was called for; several are
   * a {@link Composite}. The result must be new.
   */
  public static Tensor named(String node, Tensor result) {
    if (result.gradFn() instanceof OpNode last) last.setName(node);
    return result.own();
  }

  /** Numbers still to be written for a result of these operands, on their device. */
  public static Tensor emptyLike(DType dtype, int[] shape, Tensor... operands) {
    Device device = device(operands);
    return TensorGeometry.areContiguous(operands)
        ? Tensor.empty(device, dtype, shape)
        : Tensor.emptyStrided(device, dtype, shape, TensorGeometry.stridesLike(shape, operands));
  }

  /** New numbers of the same value, in the order of the tensor's own; records nothing. */
  public static Tensor copyLike(Tensor t, Device device, DType dtype) {
    int[] strides = TensorGeometry.stridesLike(t.shape(), t);
    Tensor out = Tensor.emptyStrided(device, dtype, t.shape(), strides);
    Copy.copy(t, out);
    return out;
  }

  /** New contiguous numbers of the same value; records nothing. */
  public static Tensor copy(Tensor t) {
    return copy(t, t.device(), t.dtype());
  }

  /** As {@link #copy(Tensor)}, of the given type on the given device. */
  public static Tensor copy(Tensor t, Device device, DType dtype) {
    Tensor out = Tensor.empty(device, dtype, t.shape());
    Copy.copy(t, out);
    return out;
  }
}
