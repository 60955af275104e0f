package io.sparkgrad;

import io.sparkgrad.backend.MemoryScope;
import io.sparkgrad.backend.cpu.ArrayPool;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Frees the memory of the tensors that this thread makes while the scope is open, except of those
 * kept: on a GPU for whatever comes next, on the CPU for this thread's next tensors. Never needed:
 * without one, the garbage collector finds out. A scope around a step keeps the memory of a long
 * loop at that of one step, and a step allocates next to nothing. A later use of a freed tensor is
 * an error that says so.
 *
 * <p>Not freed: arrays that the program holds, too ({@code Tensor.of}, {@code toFloats}, {@code
 * storage().floats()}), and the {@code .grad} of a leaf from outside that is still set at the end.
 *
 * <pre>{@code
 * for (Tensor batch : batches) {
 *   try (var step = TensorScope.open()) {
 *     loss.of(model.forward(batch.to(device))).backward();
 *     optimizer.step();
 *     optimizer.zeroGrad();
 *   }
 * }
 * }</pre>
 */
public final class TensorScope extends MemoryScope {
  private Set<Tensor> leaves; // whose gradient was made here; null for none

  private TensorScope(Supplier<String> purpose) {
    super(purpose);
  }

  public static TensorScope open() {
    return open(() -> "the program");
  }

  /** A scope that says in an out-of-memory table what it was for. */
  public static TensorScope open(Supplier<String> purpose) {
    return new TensorScope(purpose);
  }

  /** Lets go of the arrays that this thread keeps for its next tensors on the CPU. */
  public static void emptyCache() {
    ArrayPool.empty();
  }

  /** Lets a tensor, and all that shares its numbers, outlive this scope. */
  public Tensor keep(Tensor tensor) {
    for (Tensor part : tensor.parts()) keep(part.storage().memoryOrArray());
    return tensor;
  }

  /** As {@link #keep(Tensor)}, of several; null stands for none. */
  public void keep(Tensor... tensors) {
    for (Tensor t : tensors) if (t != null) keep(t);
  }

  /** Lets a tensor outlive all open scopes, in code that need not know of any: a cache, say. */
  public static Tensor escape(Tensor tensor) {
    for (MemoryScope s = current(); s != null; s = s.outer())
      for (Tensor part : tensor.parts()) s.keep(part.storage().memoryOrArray());
    return tensor;
  }

  /** Registers a new {@code .grad}: it belongs to its leaf, and lives as long. */
  public static void madeGradOf(Tensor leaf) {
    if (current() instanceof TensorScope scope) scope.add(leaf);
  }

  private void add(Tensor leaf) {
    if (leaves == null) leaves = Collections.newSetFromMap(new IdentityHashMap<>());
    leaves.add(leaf);
  }

  @Override
  protected void end() {
    if (leaves != null) for (Tensor leaf : leaves) keepGrad(leaf);
    super.end();
  }

  private void keepGrad(Tensor leaf) {
    Tensor grad;
    synchronized (leaf) { // another thread may be adding to it
      grad = leaf.grad();
    }
    if (grad == null || owns(leaf.storage().memoryOrArray())) return;
    keep(grad);
    if (outer() instanceof TensorScope scope) scope.add(leaf);
  }
}
