package io.sparkgrad.backend.cuda;

/**
 * A device has no room for an allocation. Nothing is lost: what was computed stays, and after
 * letting go of some tensors, or with smaller batches, work goes on.
 */
public final class CudaOutOfMemoryException extends CudaException {
  private static final long serialVersionUID = 1;

  CudaOutOfMemoryException(String message) {
    super(message, false);
  }
}
