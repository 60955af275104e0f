package io.sparkgrad.op;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.CompositeNode;
import io.sparkgrad.autograd.Profiler;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Methods that are made of several operations and are one to the user: one node on the tape, as in
 * PyTorch, one line in the profiler, and errors by the method's name.
 */
public final class Composite {
  private Composite() {}

  /**
   * Runs a method's operations. Its node is named after it: DistBackward0 for {@code dist}.
   *
   * @param inputs all tensors of which the body uses a history; null for none
   */
  public static Tensor of(String method, Supplier<Tensor> body, Tensor... inputs) {
    return of(method, nodeName(method), body, inputs);
  }

  /** As {@link #of(String, Supplier, Tensor...)}, with a node of another name. */
  public static Tensor of(String method, String node, Supplier<Tensor> body, Tensor... inputs) {
    return all(method, node, () -> new Tensor[] {body.get()}, inputs)[0];
  }

  /** As {@link #of(String, String, Supplier, Tensor...)}, with several results. */
  public static Tensor[] all(
      String method, String node, Supplier<Tensor[]> body, Tensor... inputs) {
    CompositeNode.Start start = isRecorded(inputs) ? new CompositeNode.Start(inputs) : null;
    return all(method, node, start, body, inputs);
  }

  private static Tensor[] all(
      String method,
      String node,
      CompositeNode.Start start,
      Supplier<Tensor[]> body,
      Tensor... inputs) {
    Tensor[] out = run(method, body);
    for (Tensor t : out) if (t != null) t.ownUnlessViewOf(inputs);
    if (start != null) CompositeNode.record(node, start, out);
    return out;
  }

  /**
   * A derivative in a pass that records, as one node: it may depend on what its operation saved
   * where the gradients that arrive are constant.
   */
  static Tensor[] derivative(String method, String node, Supplier<Tensor[]> body, Tensor... grads) {
    return all(method, node, new CompositeNode.Start(grads), body, grads);
  }

  private static Tensor[] run(String method, Supplier<Tensor[]> body) {
    Profiler profiler = Profiler.current();
    try {
      return profiler == null ? body.get() : profiler.forward(method, body);
    } catch (RuntimeException e) {
      throw CallError.of(method, e);
    }
  }

  /**
   * Runs what PyTorch, too, makes of several operations: each has its node, errors name the method.
   */
  public static <R> R named(String method, Supplier<R> body) {
    try {
      return body.get();
    } catch (RuntimeException e) {
      throw CallError.of(method, e);
    }
  }

  /**
   * The in-place form of a method: writes its result over the target, which takes over the result's
   * history.
   *
   * @param body makes the result from the target as it was
   */
  public static Tensor inPlace(
      String method, UnaryOperator<Tensor> body, Tensor target, Tensor... others) {
    return inPlace(method, nodeName(method), body, target, others);
  }

  /** As {@link #inPlace(String, UnaryOperator, Tensor, Tensor...)}, with a node of another name. */
  public static Tensor inPlace(
      String method, String node, UnaryOperator<Tensor> body, Tensor target, Tensor... others) {
    return inPlace(method, node, MemoryOverlap.WITHIN, body, target, others);
  }

  /** As {@link #inPlace(String, UnaryOperator, Tensor, Tensor...)}, by another rule of overlap. */
  public static Tensor inPlace(
      String method,
      MemoryOverlap overlap,
      UnaryOperator<Tensor> body,
      Tensor target,
      Tensor... others) {
    return inPlace(method, nodeName(method), overlap, body, target, others);
  }

  /** As both. */
  public static Tensor inPlace(
      String method,
      String node,
      MemoryOverlap overlap,
      UnaryOperator<Tensor> body,
      Tensor target,
      Tensor... others) {
    return named(
        method + "_",
        () -> {
          overlap.check(target, others);
          Tensor[] inputs = new Tensor[others.length + 1];
          inputs[0] = target;
          System.arraycopy(others, 0, inputs, 1, others.length);
          boolean recorded = isRecorded(inputs) && target.dtype().isFloatingPoint();
          target.checkInPlace(method + "_", recorded);
          if (recorded) inputs[0] = target.snapshot();
          Tensor result = of(method, node, () -> body.apply(inputs[0]), inputs);
          Ops.overwrite(method, target, result);
          if (recorded) target.rebase(result);
          if (result.gradFn() != null) result.gradFn().keepInstead(result, target);
          return target;
        });
  }

  private static boolean isRecorded(Tensor... inputs) {
    if (!Grad.isEnabled()) return false;
    for (Tensor t : inputs) if (t != null && t.requiresGrad()) return true;
    return false;
  }

  private static String nodeName(String method) {
    return Character.toUpperCase(method.charAt(0)) + method.substring(1) + "Backward0";
  }
}
