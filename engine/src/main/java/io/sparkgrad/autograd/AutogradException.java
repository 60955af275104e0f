package io.sparkgrad.autograd;

/** Backward cannot give a right gradient; the text says why and what to do. */
public final class AutogradException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public AutogradException(String message) {
    super(message);
  }

  public AutogradException(String message, Throwable cause) {
    super(message, cause);
  }
}
