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
  private static final ThreadLocal<boolean[]> ENABLED =
      ThreadLocal.withInitial(() -> new boolean[] {true});

  private Grad() {}

  /** A stretch of code under another grad mode; {@link #close} brings the former one back. */
  public static final class Mode implements AutoCloseable {
    private final boolean before;

    private Mode(boolean enabled) {
      boolean[] mode = ENABLED.get();
      before = mode[0];
      mode[0] = enabled;
    }

    @Override
    public void close() {
      ENABLED.get()[0] = before;
    }
  }

  public static boolean isEnabled() {
    return ENABLED.get()[0];
  }

  /** Stops recording until closed. */
  public static Mode noGrad() {
    return new Mode(false);
  }

  /** Records again, also inside noGrad, until closed. */
  public static Mode enableGrad() {
    return new Mode(true);
  }

  /** Switches the calling thread; as a resource it switches back. */
  public static Mode setGradEnabled(boolean enabled) {
    return new Mode(enabled);
  }
}
