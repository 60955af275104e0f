package io.sparkgrad.cluster.fitting;

import io.sparkgrad.cluster.ps.RunFailedException;

/** Carries an exception of a task's batch, with the batch's place, to the end of the task. */
final class PlacedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String text;

  /**
   * @param place of the batch: epoch, step, worker, rows
   * @param batchSize which an error of the GPU's memory names
   */
  PlacedException(String place, Exception cause, int batchSize) {
    super(place, cause, false, false);
    this.text = "%s: %s".formatted(place, Gpus.text(cause, batchSize));
  }

  /** What the driver is told. */
  RunFailedException failure() {
    return new RunFailedException(text);
  }

  /** What the task throws: the user's own exception, which Spark brings to the driver. */
  RuntimeException asThrown() {
    if (getCause() instanceof RunFailedException known)
      return known.isElsewhere() ? known : failure();
    throw PlacedException.<RuntimeException>undeclared(getCause());
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> E undeclared(Throwable error) throws E {
    throw (E) error;
  }
}
