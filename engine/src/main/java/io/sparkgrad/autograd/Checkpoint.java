package io.sparkgrad.autograd;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.scope.ThreadScope;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

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
   * Runs one function after the other in segments of as many each, of which all but the last are
   * checkpoints: PyTorch's checkpoint_sequential. {@code Sequential.checkpointed} does it in a
   * model.
   *
   * @param segments how many; backward has one of them in memory at a time
   * @throws IllegalArgumentException unless there are 1 to functions.size() segments
   */
  public static Tensor sequential(
      List<? extends UnaryOperator<Tensor>> functions, int segments, Tensor input) {
    if (segments < 1 || segments > functions.size())
      throw new IllegalArgumentException(
          "checkpoint: %d functions make 1 to %d segments, not %d"
              .formatted(functions.size(), functions.size(), segments));
    int each = functions.size() / segments;
    Tensor x = input;
    int at = 0;
    for (int s = 1; s < segments; s++, at += each) {
      List<? extends UnaryOperator<Tensor>> segment = functions.subList(at, at + each);
      x = checkpoint(in -> run(segment, in[0]), x);
    }
    return run(functions.subList(at, functions.size()), x);
  }

  private static Tensor run(List<? extends UnaryOperator<Tensor>> functions, Tensor x) {
    for (UnaryOperator<Tensor> f : functions) x = f.apply(x);
    return x;
  }

  /**
   * Whether this thread computes again, for backward, what it forgot: what a forward pass counts or
   * averages, as batch norm does, was done by the first.
   */
  public static boolean isRecomputing() {
    return Again.OPEN.innermost() != null;
  }

  /** Until closed this thread computes again. */
  static final class Again extends ThreadScope {
    private static final RareKind<Again> OPEN = new RareKind<>();

    Again() {
      super(OPEN.here());
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
