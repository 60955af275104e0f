package io.sparkgrad.backend.cuda;

/**
 * The fault that a test sets in an executor's emulated driver, which exports this method by its
 * name: see the engine's class of the same name.
 */
public final class EmulatedDriver {
  private EmulatedDriver() {}

  /** Every call from now on fails, on every device of this process. */
  public static native void loseDevice();
}
