package io.sparkgrad.backend.cuda;

/** A call of the CUDA driver failed. */
public class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean fatal;

  CudaException(String message, boolean fatal) {
    super(message);
    this.fatal = fatal;
  }

  /**
   * Whether the device takes no more work from this process: only a new process can go on with it.
   */
  public boolean isFatal() {
    return fatal;
  }
}
