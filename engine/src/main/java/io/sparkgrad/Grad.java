package io.sparkgrad;

import io.sparkgrad.scope.ThreadScope;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;

/**
 * Whether operations are recorded for backward: PyTorch's grad mode. Each thread has its own and
 * starts enabled.
 *
 * <pre>{@code
 * try (var g = Grad.noGrad()) { w.sub_(w.grad(), lr); }
 * }</pre>
 */
public final class Grad {
  private static final ThreadScope.Kind<State> STATE = new ThreadScope.Kind<>(State::new);
  /* Spares each new tensor the look into its thread where nobody infers. */
  private static volatile boolean inferenceUsed;

  private Grad() {}

  private static final class State extends ThreadScope.Open<Stretch> {
    private boolean enabled = true;
    private boolean inference;
    /* While an operation that is recorded computes. */
    private boolean computing;

    Mode set(boolean enabled, boolean inference, boolean computing) {
      Stretch stretch = new Stretch(this);
      this.enabled = enabled;
      this.inference = inference;
      this.computing = computing;
      return new Mode(stretch);
    }

    /* Where a program switches and never closes, the stretches must not pile up. */
    Mode switchTo(boolean enabled) {
      for (Stretch s = innermost(); s != null && s.isForgotten(); s = innermost()) {
        forgetInnermost();
      }
      Mode mode = set(enabled, inference, false);
      mode.stretch.closer = new WeakReference<>(mode);
      return mode;
    }
  }

  /** Remembers the mode that was. */
  private static final class Stretch extends ThreadScope {
    private final State state;
    private boolean enabled;
    private boolean inference;
    private boolean computing;
    /* Of one that may be left open for good: what alone can close it. */
    private WeakReference<Mode> closer;

    Stretch(State state) {
      super(state);
      this.state = state;
      enabled = state.enabled;
      inference = state.inference;
      computing = state.computing;
    }

    private boolean isForgotten() {
      return closer != null && closer.get() == null;
    }

    @Override
    protected void end() {
      state.enabled = enabled;
      state.inference = inference;
      state.computing = computing;
    }
  }

  /** A stretch of code under another grad mode; {@link #close} brings the former one back. */
  public static final class Mode implements AutoCloseable {
    private final Stretch stretch;

    private Mode(Stretch stretch) {
      this.stretch = stretch;
    }

    @Override
    public void close() {
      stretch.close();
      Reference.reachabilityFence(this); // else it might count as forgotten while it closes
    }

    @Override
    public String toString() {
      return "Grad.Mode(%s)".formatted(stretch);
    }
  }

  /** Whether operations are recorded: never in inference mode. */
  public static boolean isEnabled() {
    State state = STATE.here();
    return state.enabled && !state.inference;
  }

  public static boolean isInferenceModeEnabled() {
    return inferenceUsed && STATE.here().inference;
  }

  /** Stops recording until closed. */
  public static Mode noGrad() {
    return setting(false);
  }

  /** Records again, also inside noGrad, until closed. */
  public static Mode enableGrad() {
    return setting(true);
  }

  private static Mode setting(boolean enabled) {
    State state = STATE.here();
    return state.set(enabled, state.inference, false);
  }

  /** Switches the calling thread; as a resource it switches back. */
  public static Mode setGradEnabled(boolean enabled) {
    return STATE.here().switchTo(enabled);
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
    if (on) inferenceUsed = true;
    return STATE.here().set(!on, on, false);
  }

  /** Stops recording while an operation that is itself recorded computes; for operations. */
  public static Mode computing() {
    State state = STATE.here();
    return state.set(false, state.inference, true);
  }

  static ViewOf.Made viewsAreMade() {
    State state = STATE.here();
    if (state.inference) return ViewOf.Made.INFERENCE;
    return state.enabled || state.computing ? ViewOf.Made.RECORDING : ViewOf.Made.NO_GRAD;
  }
}
