package io.sparkgrad.cluster;

import io.sparkgrad.cluster.ps.RunFailedException;

/** Training ended without a model; the message names the first cause, not what followed from it. */
public final class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The run's failure as the caller of fit sees it: the same text, stack, cause and companions. */
  TrainingException(RunFailedException run) {
    super(run.getMessage(), run.getCause());
    setStackTrace(run.getStackTrace());
    for (Throwable t : run.getSuppressed()) addSuppressed(t);
  }
}
