package io.sparkgrad.cluster;

import io.sparkgrad.cluster.fitting.UserError;
import io.sparkgrad.cluster.ps.RunFailedException;

/**
 * Training ended without a model. The message names the first cause, not what followed from it; if
 * that was an exception of the user's code, in whatever task, it is the {@link #getCause cause}.
 */
public final class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The run's failure as the caller of fit sees it: the same text and cause. */
  TrainingException(RunFailedException run) {
    super(run.getMessage(), run.getCause());
    setStackTrace(run.getStackTrace());
    UserError.fromCall(this);
  }
}
