package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;
import io.sparkgrad.scope.ThreadScope;
import java.util.function.Consumer;

/**
 * Finds the forward call behind a bad gradient: PyTorch's detect_anomaly. While it is open, the
 * calling thread's operations remember where they were called, a NaN in a gradient is an error with
 * that place as its cause, and any other failure of a backward carries it as a suppressed
 * exception. Slow; for debugging.
 *
 * <pre>{@code try (var a = Anomaly.detect()) { model.forward(x).sum().backward(); }}</pre>
 */
public final class Anomaly extends ThreadScope {
  private static final String NO_TRACE =
      "No forward pass information available. Enable Anomaly.detect() during forward pass for more information.";
  private static final RareKind<Anomaly> OPEN = new RareKind<>();

  private final boolean checksNan;

  private Anomaly(boolean checksNan) {
    super(OPEN.here());
    this.checksNan = checksNan;
  }

  public static Anomaly detect() {
    return detect(true);
  }

  /**
   * @param checkNan whether a NaN is an error; if not, only failures are explained
   */
  public static Anomaly detect(boolean checkNan) {
    return new Anomaly(checkNan);
  }

  static Anomaly current() {
    return OPEN.innermost();
  }

  /** Runs the node's step; its failure tells where the node was recorded. */
  <T> void watch(Node node, T step, Consumer<T> run) {
    try {
      run.accept(step);
    } catch (RuntimeException e) {
      if (!(e.getCause() instanceof ForwardTrace)) e.addSuppressed(trace(node));
      throw e;
    }
  }

  private static Throwable trace(Node node) {
    return node.trace() == null ? new AutogradException(NO_TRACE) : node.trace();
  }

  /** Errors if a gradient that the node answered has a NaN. */
  void check(Node node, Tensor[] grads) {
    if (!checksNan) return;
    for (int i = 0; i < grads.length; i++) {
      if (grads[i] == null || !hasNan(grads[i])) continue;
      String text = "Function '" + node.name() + "' returned nan values in its " + i + "th output.";
      if (node.trace() == null) throw new AutogradException("%s %s".formatted(text, NO_TRACE));
      throw new AutogradException(text, node.trace());
    }
  }

  private static boolean hasNan(Tensor t) {
    for (double v : t.toDoubles()) if (Double.isNaN(v)) return true;
    return false;
  }
}
