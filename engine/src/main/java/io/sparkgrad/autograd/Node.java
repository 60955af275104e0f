package io.sparkgrad.autograd;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * A step of the recorded computation; the nodes that a tensor's gradFn reaches are the tape.
 * Backward hands it the gradients of its outputs and passes what it answers along its edges.
 */
public abstract class Node {
  private static final ThreadLocal<long[]> LAST = ThreadLocal.withInitial(() -> new long[1]);

  private final Edge[] next;
  private final long sequence;
  private final ForwardTrace trace = ForwardTrace.ofThisCall(this);
  private volatile NodeHooks hooks;
  private boolean part;

  /* Later operations run first in backward. A number larger than that of every node fed by keeps this a topological
   * order also where a graph was built by several threads. */
  Node(Edge... next) {
    this.next = next;
    long[] last = LAST.get();
    for (Edge e : next) if (e != null) last[0] = Math.max(last[0], e.node().recorded());
    sequence = ++last[0];
  }

  /** The number of the last node that this thread recorded. */
  static long lastRecorded() {
    return LAST.get()[0];
  }

  /** As PyTorch prints it: {@code MulBackward0}. */
  public abstract String name();

  /** Where the gradients of the inputs go, an edge an input; null where none is needed. */
  public List<Edge> nextFunctions() {
    List<Edge> edges = new ArrayList<>();
    Collections.addAll(edges, next);
    return Collections.unmodifiableList(edges);
  }

  /**
   * Calls the hook before this node runs, with the gradients of its outputs; what it returns
   * replaces them.
   */
  public RemovableHandle registerPreHook(NodePreHook hook) {
    return hooksForWriting().before(hook);
  }

  /**
   * Calls the hook after this node has run, with the gradients of its inputs and outputs; what it
   * returns replaces those of the inputs.
   */
  public RemovableHandle registerHook(NodeHook hook) {
    return hooksForWriting().after(hook);
  }

  /**
   * Retains the gradient of a tensor, now made by this node, if the node that made it before did.
   */
  public void retainAsDid(Node before, int output, Tensor tensor) {
    if (before.hooks == null || !before.hooks.retains(tensor)) return;
    before.hooks.forget(tensor);
    hooksForWriting().retain(output, tensor);
  }

  /** Null as long as nobody has registered one. */
  NodeHooks hooks() {
    return hooks;
  }

  /* For a node that takes another's place. */
  final void shareHooks(Node before) {
    hooks = before.hooksForWriting();
  }

  synchronized NodeHooks hooksForWriting() {
    if (hooks == null) hooks = new NodeHooks();
    return hooks;
  }

  /** Where it was recorded, if that was in anomaly mode; else null. */
  ForwardTrace trace() {
    return trace;
  }

  /** Whether the derivative may keep what it sees or makes, being code of the user. */
  boolean runsUserCode() {
    return false;
  }

  /** Gradients of the inputs from those of the outputs; null stands for zeros on both sides. */
  abstract Tensor[] apply(Tensor[] grads);

  /** Shape of the given output: what its gradient must have. */
  abstract int[] shape(int output);

  abstract DType dtype(int output);

  abstract int outputs();

  /**
   * Takes the tensor that the first output was written to for that output: keeps it in place of the
   * result, if that was saved, and its type, in which the gradient arrives.
   */
  public void keepInstead(Tensor result, Tensor target) {}

  /** Lets go of the saved tensors. */
  void release() {}

  /** Makes this node a part of another, which lets go of its saved tensors. */
  void setPart() {
    part = true;
  }

  boolean isPart() {
    return part;
  }

  Edge next(int input) {
    return next[input];
  }

  public int inputs() {
    return next.length;
  }

  long recorded() {
    return sequence;
  }

  /** Rank in backward's queue, highest first. */
  long priority() {
    return sequence;
  }

  /** PyTorch's text of a grad_fn. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "<%s object at 0x%x>", name(), System.identityHashCode(this));
  }
}
