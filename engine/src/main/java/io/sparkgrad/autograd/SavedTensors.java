package io.sparkgrad.autograd;

import io.sparkgrad.Grad;
import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Ops;
import java.util.Arrays;

/**
 * Keeps tensors for a node's backward, with the versions they had, or what the hooks of {@link
 * SavedTensorHooks} made of them.
 */
final class SavedTensors {
  private static final Tensor[] NONE = {};

  private final Node node;
  private Tensor[] tensors = NONE;
  private int[] versions;
  private Storage[] storages;
  private Packed[] packed;
  private boolean freed;

  /* The history is kept apart, so that a derivative of the derivative finds its way through what was unpacked. */
  private record Packed(SavedTensorHooks hooks, Object value, Edge history) {
    Tensor unpack() {
      Tensor tensor = hooks.unpack(value);
      return history == null ? tensor : tensor.withHistory(history);
    }
  }

  /** A null node stands for a checkpoint. */
  SavedTensors(Node node) {
    this.node = node;
  }

  void save(Tensor... tensors) {
    this.tensors = tensors;
    versions = new int[tensors.length];
    storages = new Storage[tensors.length];
    for (int i = 0; i < tensors.length; i++) {
      if (tensors[i] == null) continue;
      if (tensors[i].isInference()) throw inference();
      versions[i] = tensors[i].version();
      storages[i] = tensors[i].storage();
    }
  }

  /**
   * Hands the tensors to the hooks, if there are any; called when the outputs have their history.
   */
  void pack() {
    if (tensors.length == 0) return;
    SavedTensorHooks hooks = SavedTensorHooks.current();
    if (hooks == null) return;
    packed = new Packed[tensors.length];
    try (var quiet = Grad.noGrad()) {
      for (int i = 0; i < tensors.length; i++) {
        if (tensors[i] == null) continue;
        packed[i] = new Packed(hooks, hooks.pack(tensors[i]), tensors[i].gradientEdge());
      }
    }
    tensors = new Tensor[tensors.length];
    storages = null;
  }

  /** Makes a copy of a tensor's numbers, which are about to change, if they are needed. */
  void keepApart(Tensor tensor) {
    for (int i = 0; i < tensors.length; i++)
      if (tensors[i] == tensor)
        replace(i, Ops.copy(tensor, tensor.device(), tensor.dtype()), tensor.gradientEdge());
  }

  /**
   * Keeps a tensor that has the result's numbers, and now its history, in its place: a derivative
   * of the derivative passes the target's hooks.
   */
  void keepInstead(Tensor result, Tensor target) {
    for (int i = 0; i < tensors.length; i++)
      if (tensors[i] == result) replace(i, target.detach(), target.gradientEdge());
  }

  private void replace(int i, Tensor numbers, Edge history) {
    tensors[i] = history == null ? numbers : numbers.withHistory(history);
    versions[i] = numbers.version();
    storages[i] = numbers.storage();
  }

  boolean isPacked() {
    return packed != null;
  }

  int size() {
    if (freed) throw freed();
    return tensors.length;
  }

  /** The tensors that are kept as they are. */
  Tensor[] unpacked() {
    return tensors;
  }

  Tensor get(int i) {
    if (packed == null && !freed && tensors[i] != null) check(i);
    return getChecked(i);
  }

  /** As {@link #get}, once {@link #check} has found nothing. */
  Tensor getChecked(int i) {
    if (freed) throw freed();
    if (packed != null) return packed[i] == null ? null : packed[i].unpack();
    return tensors[i];
  }

  /** Errors if any of the tensors that are kept as they are was changed. */
  void check() {
    if (freed) throw freed();
    if (packed == null) for (int i = 0; i < tensors.length; i++) if (tensors[i] != null) check(i);
  }

  private void check(int i) {
    Tensor t = tensors[i];
    if (t.storage() != storages[i]) throw otherData(t);
    if (t.version() != versions[i]) throw changed(t, versions[i]);
  }

  /** Lets go; a node that saved nothing can run as often as one likes, unless it runs once only. */
  void release(boolean once) {
    if (!once && keepsNothing()) return;
    tensors = NONE;
    storages = null;
    packed = null;
    freed = true;
  }

  private boolean keepsNothing() {
    for (Object saved : packed == null ? tensors : packed) if (saved != null) return false;
    return true;
  }

  private String name() {
    return node == null ? "checkpoint" : node.name();
  }

  private AutogradException inference() {
    return new AutogradException(
        ("Inference tensors cannot be saved for backward. To work around you can make a clone to get "
                + "a normal tensor and use it in autograd. (node %s)")
            .formatted(name()));
  }

  private AutogradException freed() {
    return new AutogradException(
        ("Trying to backward through the graph a second time (or directly access saved tensors after "
                + "they have already been freed). Saved intermediate values of the graph are freed when you "
                + "call .backward() or Autograd.grad(). Specify retainGraph() if you need to backward through "
                + "the graph a second time or if you need to access saved tensors after calling backward. "
                + "(node %s)")
            .formatted(name()));
  }

  private AutogradException changed(Tensor t, int version) {
    return new AutogradException(
        ("one of the variables needed for gradient computation has been modified by an inplace "
                + "operation: [%s %s]%s, is at version %s; expected version %s instead. %s needs the old "
                + "values: use the out-of-place form, or change a clone()")
            .formatted(
                t.dtype(), Arrays.toString(t.shape()), origin(t), t.version(), version, name()));
  }

  private static String origin(Tensor t) {
    Edge e = t.gradientEdge();
    if (e == null || e.node() instanceof AccumulateGrad) return "";
    return ", which is output " + e.index() + " of " + e.node().name();
  }

  private AutogradException otherData(Tensor t) {
    return new AutogradException(
        ("one of the variables needed for gradient computation has been given other data by setData: "
                + "[%s %s]. %s needs the old values: call backward() before setData")
            .formatted(t.dtype(), Arrays.toString(t.shape()), name()));
  }
}
