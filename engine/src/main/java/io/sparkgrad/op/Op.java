package io.sparkgrad.op;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import java.util.List;

/**
 * An operation with its attributes: shape rule and forward, one derivative, and the samples on
 * which both are checked. A file an op, small ones of a kind share one; {@link Ops#ALL} is the
 * registry that the tests walk. Stateless: what a call leaves for its backward lies in the {@link
 * Context}.
 *
 * <p>The derivative is written in differentiable operations, so that second and higher orders
 * follow from it.
 */
public abstract class Op {
  private static final ClassValue<String> NAMES =
      new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> op) {
          String name = op.getSimpleName();
          return Character.toLowerCase(name.charAt(0)) + name.substring(1);
        }
      };

  /**
   * Marks an op that leaves numbers what they are, or only compares them: it takes float16 and
   * bfloat16, which are stored but not computed in.
   */
  public interface TakesStorageTypes {}

  /** As in PyTorch, camelCase: {@code logSoftmax}. */
  public String name() {
    return NAMES.get(getClass());
  }

  /** The name of the node it records, as PyTorch prints it. */
  public String nodeName() {
    return getClass().getSimpleName() + "Backward0";
  }

  /** As {@link #nodeName()}, where the name depends on what the call was given. */
  public String nodeName(Tensor... in) {
    return nodeName();
  }

  /** The name of the node that the in-place form records; null for the same. */
  protected String inPlaceNodeName(Tensor... in) {
    return null;
  }

  /**
   * The name of the node that a derivative records which is one operation in PyTorch; null where it
   * is several.
   */
  protected String derivativeNodeName(Context ctx) {
    return null;
  }

  /** The outputs. Recording is off; inputs must not be changed. */
  protected abstract Tensor[] forward(Context ctx, Tensor... in);

  /** Which overlaps of target and operands its in-place form refuses. */
  protected MemoryOverlap overlap(Tensor target, Tensor... operands) {
    return MemoryOverlap.PARTIAL;
  }

  /** As {@link #forward} where an input is row-sparse; null for a call that takes none. */
  protected Tensor forwardSparse(Tensor... in) {
    return null;
  }

  /**
   * Writes over a dense target where another operand is row-sparse, and returns it; null for a call
   * that takes none.
   */
  protected Tensor inPlaceSparse(Tensor target, Tensor... others) {
    return null;
  }

  /**
   * Computes into {@code target}, the first input, if that gives the same as a write of the result
   * would; else touches nothing and says no.
   */
  boolean forwardInto(Tensor target, Tensor... in) {
    return false;
  }

  /**
   * Whether forward on these inputs makes tensors that it neither returns nor saves: then what they
   * hold is freed as it ends, at the price of a scope a call.
   */
  boolean makesTemporaries(Tensor... in) {
    return true;
  }

  /**
   * The text of the op's CUDA kernels, a unit of its name; null for one that needs none of its own.
   */
  public String cudaSource() {
    return null;
  }

  /** The op's class in the style of C, the name of its CUDA unit: pow_scalar. */
  public final String unit() {
    return getClass()
        .getSimpleName()
        .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
        .toLowerCase(java.util.Locale.ROOT);
  }

  /** Whether all inputs must lie on one device. */
  boolean needsOneDevice() {
    return true;
  }

  /**
   * How the op runs on a GPU: by its kernels, or why it needs none; null if it does not run there.
   */
  public String cudaSupport() {
    return cudaSource() == null ? null : "kernel";
  }

  /**
   * The gradients of the inputs, null where {@code ctx.needsGrad} says no. They may be larger than
   * the input where broadcasting repeated it: the pass sums them to its shape. They may be the
   * given gradients or views of them, but never a saved tensor itself: the pass adds to what is
   * new.
   *
   * @param grads the gradients of the outputs; null for one that nothing depended on
   */
  public abstract Tensor[] backward(Context ctx, Tensor... grads);

  /**
   * The same as {@link #backward} in loops or kernels of its own, for a pass that records no graph;
   * null for a call that has none.
   */
  protected Tensor[] fusedBackward(Context ctx, Tensor... grads) {
    return null;
  }

  /** Whether backward runs once only without retainGraph, even if nothing was saved. */
  public boolean runsOnce() {
    return false;
  }

  /** The gradients by the fastest way: fused where no graph of them is recorded. */
  public final Tensor[] gradients(Context ctx, Tensor... grads) {
    if (!Grad.isEnabled()) {
      Tensor[] fused = fusedBackward(ctx, grads);
      return fused != null ? fused : backward(ctx, grads);
    }
    String node = derivativeNodeName(ctx);
    if (node == null) return backward(ctx, grads);
    return Composite.derivative(name(), node, () -> backward(ctx, grads), grads);
  }

  /**
   * Calls at points where the derivative is smooth, in float64: what gradcheck and the properties
   * run on.
   */
  public abstract List<SampleInput> samples(MakeTensor make);

  /**
   * Calls that must fail, with the text that the error must contain; what a user can do wrong. For
   * none {@link #exempt} says why.
   */
  public abstract List<ErrorInput> errors(MakeTensor make);

  /** Why a check does not apply to this op; null where it does. */
  protected String exempt(Check check) {
    return switch (check) {
      case GRADCHECK, GRADGRADCHECK -> isDifferentiable() ? null : "not differentiable";
      case IN_PLACE -> "not elementwise";
      default -> null;
    };
  }

  /**
   * Whether the outputs are discrete or otherwise without derivative, so that calls are never
   * recorded.
   */
  public boolean isDifferentiable() {
    return true;
  }

  /** This op called with wrong inputs. */
  public final ErrorInput errorInput(String text, Tensor... in) {
    return new ErrorInput(text, () -> Ops.callAll(this, in));
  }

  /** This op written over its first input. */
  protected final ErrorInput errorInputInPlace(String text, Tensor target, Tensor... others) {
    return new ErrorInput(text, () -> Ops.inPlace(this, target, others));
  }
}
