package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.List;

/**
 * Counts finished steps and sums the losses of each epoch in step order. Not thread-safe: the
 * coordinator's lock guards it.
 */
final class Epochs {
  private final RunSpec spec;
  private long finished;
  private double lossSum;
  private double denominator;

  Epochs(RunSpec spec) {
    this.spec = spec;
  }

  /**
   * Counts the new steps and returns the epochs they complete.
   *
   * @param end the run's last step boundary, which closes an epoch early
   */
  List<EpochLoss> record(List<Message.StepLoss> losses, long end) {
    List<EpochLoss> complete = new ArrayList<>();
    for (Message.StepLoss l : losses) {
      if (l.step() < finished) continue; // reported twice
      if (l.step() > finished)
        throw new IllegalStateException("step " + finished + " was not reported before " + l);
      finished++;
      lossSum += l.lossSum();
      denominator += l.denominator();
      boolean whole = finished % spec.stepsPerEpoch() == 0;
      if (whole || finished == end) complete.add(close(!whole));
    }
    return complete;
  }

  /** Returns the epoch that an end, set now, closes early; none if its steps are yet to come. */
  List<EpochLoss> endAt(long end) {
    boolean within = finished == end && finished % spec.stepsPerEpoch() != 0;
    return within ? List.of(close(true)) : List.of();
  }

  private EpochLoss close(boolean partial) {
    EpochLoss loss =
        new EpochLoss(spec.epochBefore(finished), lossSum, denominator, partial, List.of());
    lossSum = 0;
    denominator = 0;
    return loss;
  }

  long finished() {
    return finished;
  }
}
