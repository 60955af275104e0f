package io.sparkgrad.cluster.ps;

/** A run ended without a result; the message names the first cause, not what followed from it. */
public final class RunFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public RunFailedException(String message) {
    super(message);
  }

  public RunFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
