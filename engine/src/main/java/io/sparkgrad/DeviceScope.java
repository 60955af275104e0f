package io.sparkgrad;

import io.sparkgrad.backend.cuda.MemoryScope;

/**
 * Frees the GPU memory of the tensors that this thread makes while the scope is open, except of
 * those kept. Never needed: without one, the garbage collector finds out. A scope around a step
 * keeps the memory of a long loop at that of one step. A later use of a freed tensor is an error
 * that says so. Tensors on the CPU are not touched.
 *
 * <pre>{@code
 * for (Tensor batch : batches) {
 *   try (DeviceScope step = DeviceScope.open()) {
 *     loss.of(model.forward(batch.to(device))).backward();
 *     optimizer.step();
 *     optimizer.zeroGrad();
 *   }
 * }
 * }</pre>
 */
public final class DeviceScope implements AutoCloseable {
  private final MemoryScope scope;

  private DeviceScope(MemoryScope scope) {
    this.scope = scope;
  }

  public static DeviceScope open() {
    return new DeviceScope(MemoryScope.open("the program"));
  }

  /** Lets a tensor, and all that shares its numbers, outlive this scope. */
  public Tensor keep(Tensor tensor) {
    if (tensor.device().isCuda()) scope.keep(tensor.storage().memory());
    return tensor;
  }

  @Override
  public void close() {
    scope.close();
  }
}
