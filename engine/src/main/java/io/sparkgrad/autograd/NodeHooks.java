package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The hooks of one node: those of the tensors it made, then the retained gradients, then its own. A
 * tensor's hooks lie here and not in the tensor, so that they stay with the version of it that they
 * were registered on. Thread-safe.
 */
final class NodeHooks {
  private final Registered<OnTensor> onTensors = new Registered<>();
  private final List<Retained> retained = new CopyOnWriteArrayList<>();
  private final Registered<NodePreHook> before = new Registered<>();
  private final Registered<LeafHook> onLeaf = new Registered<>();
  private final Registered<NodeHook> after = new Registered<>();

  private record OnTensor(int output, TensorHook hook) {}

  private record Retained(int output, Tensor tensor) {}

  /**
   * Hooks in their order. The same one may be there several times: each registration is its own,
   * and its handle takes away that one. A run goes over those that were there when it began.
   */
  private static final class Registered<T> implements Iterable<T> {
    private final List<Registration<T>> registrations = new CopyOnWriteArrayList<>();

    RemovableHandle add(T hook) {
      Registration<T> registration = new Registration<>(hook);
      registrations.add(registration);
      return new RemovableHandle(() -> registrations.remove(registration));
    }

    boolean isEmpty() {
      return registrations.isEmpty();
    }

    @Override
    public Iterator<T> iterator() {
      Iterator<Registration<T>> all = registrations.iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return all.hasNext();
        }

        @Override
        public T next() {
          return all.next().hook;
        }
      };
    }
  }

  /* Equal to none but itself. */
  private static final class Registration<T> {
    final T hook;

    Registration(T hook) {
      this.hook = hook;
    }
  }

  RemovableHandle onTensor(int output, TensorHook hook) {
    return onTensors.add(new OnTensor(output, hook));
  }

  RemovableHandle before(NodePreHook hook) {
    return before.add(hook);
  }

  RemovableHandle onLeaf(LeafHook hook) {
    return onLeaf.add(hook);
  }

  RemovableHandle after(NodeHook hook) {
    return after.add(hook);
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
          "hook has changed the size of value: %s for a gradient of shape %s"
              .formatted(Arrays.toString(other.shape()), Arrays.toString(grad.shape())));
    }
    if (other.dtype() != grad.dtype()) {
      throw new AutogradException(
          "hook has changed the type of value: %s for a gradient of %s"
              .formatted(other.dtype(), grad.dtype()));
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
          "hook has returned an incorrect number of values (got %s, but expected %s)"
              .formatted(by.length, grads.length));
    }
    return by;
  }
}
