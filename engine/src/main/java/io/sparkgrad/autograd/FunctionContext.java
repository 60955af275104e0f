package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;

/**
 * Carries tensors and values from the forward of a {@link Function} to its backward: PyTorch's ctx.
 */
public final class FunctionContext {
  private final FunctionNode node;
  private final SavedTensors saved;
  private Tensor[] toSave = {};
  private Tensor[] dirty = {};
  private Tensor[] nonDifferentiable = {};
  private boolean materializes = true;

  FunctionContext(FunctionNode node) {
    this.node = node;
    saved = new SavedTensors(node);
    node.setContext(this);
  }

  /** Keeps inputs, outputs or intermediates until backward; null is kept as null. */
  public void saveForBackward(Tensor... tensors) {
    toSave = tensors.clone();
  }

  /**
   * The i-th saved tensor.
   *
   * @throws AutogradException if it was changed in place since, or a backward has freed it
   */
  public Tensor saved(int i) {
    return saved.get(i);
  }

  /** All saved tensors, in order. */
  public Tensor[] savedTensors() {
    Tensor[] tensors = new Tensor[saved.size()];
    for (int i = 0; i < tensors.length; i++) tensors[i] = saved.get(i);
    return tensors;
  }

  /** Says which inputs forward changed in place; it must return them. */
  public void markDirty(Tensor... inputs) {
    dirty = inputs.clone();
  }

  /** Says which outputs have no gradient. */
  public void markNonDifferentiable(Tensor... outputs) {
    nonDifferentiable = outputs.clone();
  }

  /**
   * Whether backward gets zeros for an output that nothing depended on, as it does by default, or
   * null.
   */
  public void setMaterializeGrads(boolean materialize) {
    materializes = materialize;
  }

  /** Whether the gradient of this input will be used. */
  public boolean needsInputGrad(int input) {
    return input < node.inputs() && node.next(input) != null;
  }

  /* When the outputs have their history. */
  void save() {
    saved.save(toSave);
    toSave = new Tensor[0];
    saved.pack();
  }

  void release() {
    saved.release(false);
  }

  boolean isDirty(Tensor t) {
    return contains(dirty, t);
  }

  boolean isDifferentiable(Tensor t) {
    return t.dtype().isFloatingPoint() && !contains(nonDifferentiable, t);
  }

  Tensor[] dirty() {
    return dirty;
  }

  boolean materializes() {
    return materializes;
  }

  static boolean contains(Tensor[] tensors, Tensor t) {
    for (Tensor other : tensors) if (other == t) return true;
    return false;
  }

  @Override
  public String toString() {
    return "FunctionContext(%d tensors to save)".formatted(toSave.length);
  }
}
