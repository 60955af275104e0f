package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Consumer;

/**
 * A hook on several tensors that runs once in a backward: PyTorch's register_multi_grad_hook.
 * Backward passes of several threads count apart.
 */
public final class MultiGradHook {
  private final List<Tensor> tensors;
  /* Where the tensors' gradients arrived when the hook was made: as with other hooks, in-place operations move on. */
  private final List<Node> nodes = new ArrayList<>();
  private final Map<GraphTask, Arrived> passes = new WeakHashMap<>();

  private MultiGradHook(List<Tensor> tensors) {
    this.tensors = List.copyOf(tensors);
  }

  private static final class Arrived {
    final Tensor[] grads;
    int missing;

    Arrived(int tensors, int missing) {
      grads = new Tensor[tensors];
      this.missing = missing;
    }
  }

  /**
   * Runs when the gradients of all those tensors that the backward needs have arrived; null stands
   * for the others.
   */
  public static RemovableHandle all(List<Tensor> tensors, Consumer<List<Tensor>> hook) {
    MultiGradHook shared = new MultiGradHook(tensors);
    return shared.register((i, grad) -> shared.arrive(i, grad, hook));
  }

  /** Runs when the first of the gradients has arrived. */
  public static RemovableHandle any(List<Tensor> tensors, Consumer<Tensor> hook) {
    MultiGradHook shared = new MultiGradHook(tensors);
    return shared.register(
        (i, grad) -> {
          if (shared.isFirst()) hook.accept(grad);
        });
  }

  private interface Arrival {
    void at(int tensor, Tensor grad);
  }

  private RemovableHandle register(Arrival arrival) {
    List<RemovableHandle> handles = new ArrayList<>();
    for (int i = 0; i < tensors.size(); i++) {
      int index = i;
      handles.add(
          tensors
              .get(i)
              .registerHook(
                  grad -> {
                    arrival.at(index, grad);
                    return null;
                  }));
    }
    for (Tensor t : tensors) {
      Edge edge = t.gradientEdge();
      if (edge != null) nodes.add(edge.node());
    }
    return new RemovableHandle(() -> handles.forEach(RemovableHandle::remove));
  }

  private void arrive(int i, Tensor grad, Consumer<List<Tensor>> hook) {
    Arrived arrived;
    synchronized (passes) {
      arrived = passes.computeIfAbsent(GraphTask.current(), this::expected);
    }
    arrived.grads[i] = grad; // a pass runs on one thread
    if (--arrived.missing == 0) hook.accept(Arrays.asList(arrived.grads));
  }

  private Arrived expected(GraphTask task) {
    long visited = nodes.stream().filter(task::visits).count();
    return new Arrived(tensors.size(), (int) visited);
  }

  private boolean isFirst() {
    synchronized (passes) {
      return passes.putIfAbsent(GraphTask.current(), new Arrived(0, 0)) == null;
    }
  }
}
