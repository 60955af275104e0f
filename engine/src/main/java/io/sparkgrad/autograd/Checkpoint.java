package io.sparkgrad.autograd;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.scope.ThreadScope;
import java.util.function.Function;

/**
 * Saves memory for time: PyTorch's torch.utils.checkpoint, non-reentrant. What happens inside is
 * not kept for backward but computed again when backward gets there, with the same random numbers.
 *
 * <pre>{@code Tensor y = Checkpoint.checkpoint(in -> block.forward(in[0]), x);}</pre>
 */
public final class Checkpoint {
  private static final ThreadScope.Kind<ThreadScope.Open<Scope>> EARLY_STOP =
      new ThreadScope.Kind<>(ThreadScope.Open::new);

  private Checkpoint() {}

  /** Ends what {@link #setEarlyStop} began. */
  public static final class Scope extends ThreadScope {
    private final boolean enabled;

    private Scope(boolean enabled) {
      super(EARLY_STOP.here());
      this.enabled = enabled;
    }
  }

  /**
   * Runs the function and forgets what it saved.
   *
   * @param function must compute the same each time it is called with these inputs, and may use
   *     other tensors as well
   */
  public static <R> R checkpoint(Function<Tensor[], R> function, Tensor... inputs) {
    if (!Grad.isEnabled()) return function.apply(inputs);
    CheckpointFrame frame = new CheckpointFrame(function, stopsEarly(), inputs);
    try (SavedTensorHooks hooks = SavedTensorHooks.use(frame::pack, frame::unpack)) {
      return function.apply(inputs);
    }
  }

  /**
   * Whether checkpoints of this thread stop their recomputation as soon as all that backward needs
   * is there, as they do by default; until closed.
   */
  public static Scope setEarlyStop(boolean enabled) {
    return new Scope(enabled);
  }

  static boolean stopsEarly() {
    Scope scope = EARLY_STOP.here().innermost();
    return scope == null || scope.enabled;
  }
}
