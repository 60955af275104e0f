package io.sparkgrad;

/**
 * Whether operations are recorded for backward: PyTorch's grad mode. Each thread has its own and
 * starts enabled.
 *
 * <pre>{@code
 * try (var g = Grad.noGrad()) { w.sub_(w.grad(), lr); }
 * }</pre>
 */
public final class Grad {
  private static final ThreadLocal<State> STATE = ThreadLocal.withInitial(State::new);

  private Grad() {}

  private static final class State {
    private boolean enabled = true;
    private boolean inference;
    /* While an operation that is recorded computes. */
    private boolean computing;
  }

  /** A stretch of code under another grad mode; {@link #close} brings the former one back. */
  public static final class Mode implements AutoCloseable {
    private final boolean enabled;
    private final boolean inference;
    private final boolean computing;

    private Mode(boolean enabled, boolean inference, boolean computing) {
      State state = STATE.get();
      this.enabled = state.enabled;
      this.inference = state.inference;
      this.computing = state.computing;
      state.enabled = enabled;
      state.inference = inference;
      state.computing = computing;
    }

    @Override
    public void close() {
      State state = STATE.get();
      state.enabled = enabled;
      state.inference = inference;
      state.computing = computing;
    }
  }

  /** Whether operations are recorded: never in inference mode. */
  public static boolean isEnabled() {
    State state = STATE.get();
    return state.enabled && !state.inference;
  }

  public static boolean isInferenceModeEnabled() {
    return STATE.get().inference;
  }

  /** Stops recording until closed. */
  public static Mode noGrad() {
    return setGradEnabled(false);
  }

  /** Records again, also inside noGrad, until closed. */
  public static Mode enableGrad() {
    return setGradEnabled(true);
  }

  /** Switches the calling thread; as a resource it switches back. */
  public static Mode setGradEnabled(boolean enabled) {
    return new Mode(enabled, STATE.get().inference, false);
  }

  /**
   * Stops recording until closed, and marks the tensors that are made: what was not recorded can
   * never become part of a graph unnoticed.
   */
  public static Mode inferenceMode() {
    return inferenceMode(true);
  }

  /** As {@link #inferenceMode()}; false leaves it inside one. */
  public static Mode inferenceMode(boolean on) {
    return new Mode(!on, on, false);
  }

  /** Stops recording while an operation that is itself recorded computes; for operations. */
  public static Mode computing() {
    return new Mode(false, STATE.get().inference, true);
  }

  static ViewOf.Made viewsAreMade() {
    State state = STATE.get();
    if (state.inference) return ViewOf.Made.INFERENCE;
    return state.enabled || state.computing ? ViewOf.Made.RECORDING : ViewOf.Made.NO_GRAD;
  }
}
