package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The hooks of one node: those of the tensors it made, then the retained gradients, then its own. A
 * tensor's hooks lie here and not in the tensor, so that they stay with the version of it that they
 * were registered on. Thread-safe.
 */
final class NodeHooks {
  private final List<OnTensor> onTensors = new CopyOnWriteArrayList<>();
  private final List<Retained> retained = new CopyOnWriteArrayList<>();
  private final List<NodePreHook> before = new CopyOnWriteArrayList<>();
  private final List<LeafHook> onLeaf = new CopyOnWriteArrayList<>();
  private final List<NodeHook> after = new CopyOnWriteArrayList<>();

  private record OnTensor(int output, TensorHook hook) {}

  private record Retained(int output, Tensor tensor) {}

  private static <T> RemovableHandle add(List<T> hooks, T hook) {
    hooks.add(hook);
    return new RemovableHandle(() -> hooks.remove(hook));
  }

  RemovableHandle onTensor(int output, TensorHook hook) {
    return add(onTensors, new OnTensor(output, hook));
  }

  RemovableHandle before(NodePreHook hook) {
    return add(before, hook);
  }

  RemovableHandle onLeaf(LeafHook hook) {
    return add(onLeaf, hook);
  }

  RemovableHandle after(NodeHook hook) {
    return add(after, hook);
  }

  void retain(int output, Tensor tensor) {
    if (!retains(tensor)) retained.add(new Retained(output, tensor));
  }

  boolean retains(Tensor tensor) {
    return retained.stream().anyMatch(r -> r.tensor == tensor);
  }

  void forget(Tensor tensor) {
    retained.removeIf(r -> r.tensor == tensor);
  }

  /** Tensor hooks in the order they were registered, then the retained gradients. */
  void arrived(Tensor[] grads) {
    for (OnTensor t : onTensors) {
      Tensor grad = grads[t.output];
      Tensor other = grad == null ? null : t.hook.apply(grad);
      if (other != null) grads[t.output] = checked(other, grad);
    }
    for (Retained r : retained) if (grads[r.output] != null) add(r.tensor, grads[r.output]);
  }

  private static void add(Tensor tensor, Tensor grad) {
    Tensor before = tensor.grad();
    tensor.setGrad(before == null ? grad.clone() : before.add(grad));
  }

  private static Tensor checked(Tensor other, Tensor grad) {
    if (!Arrays.equals(other.shape(), grad.shape())) {
      throw new AutogradException(
          "hook has changed the size of value: "
              + Arrays.toString(other.shape())
              + " for a gradient of shape "
              + Arrays.toString(grad.shape()));
    }
    if (other.dtype() != grad.dtype()) {
      throw new AutogradException(
          "hook has changed the type of value: "
              + other.dtype()
              + " for a gradient of "
              + grad.dtype());
    }
    return other;
  }

  Tensor[] runBefore(Tensor[] grads) {
    for (NodePreHook hook : before) grads = replaced(hook.apply(grads.clone()), grads);
    return grads;
  }

  void runOnLeaf(Tensor leaf) {
    for (LeafHook hook : onLeaf) hook.accept(leaf);
  }

  boolean hasAfter() {
    return !after.isEmpty();
  }

  Tensor[] runAfter(Tensor[] gradInputs, Tensor[] gradOutputs) {
    for (NodeHook hook : after) {
      gradInputs = replaced(hook.apply(gradInputs.clone(), gradOutputs.clone()), gradInputs);
    }
    return gradInputs;
  }

  private static Tensor[] replaced(Tensor[] by, Tensor[] grads) {
    if (by == null) return grads;
    if (by.length != grads.length) {
      throw new AutogradException(
          "hook has returned an incorrect number of values (got "
              + by.length
              + ", but expected "
              + grads.length
              + ")");
    }
    return by;
  }
}
