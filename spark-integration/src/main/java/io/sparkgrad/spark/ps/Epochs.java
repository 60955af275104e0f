package io.sparkgrad.spark.ps;

import java.util.ArrayList;
import java.util.List;

/**
 * Progress of a run: finished steps and the losses of its epochs, summed in step order. Not
 * thread-safe: the coordinator's lock guards it.
 */
final class Epochs {
  private final RunSpec spec;
  private long finished;
  private double lossSum;
  private double denominator;

  Epochs(RunSpec spec) {
    this.spec = spec;
  }

  /** Counts the steps that are new and gives the epochs they complete. */
  List<EpochLoss> record(List<Message.StepLoss> losses) {
    List<EpochLoss> complete = new ArrayList<>();
    for (Message.StepLoss l : losses) {
      if (l.step() < finished) continue; // reported twice
      if (l.step() > finished)
        throw new IllegalStateException("step " + finished + " was not reported before " + l);
      finished++;
      lossSum += l.lossSum();
      denominator += l.denominator();
      if (finished % spec.stepsPerEpoch() == 0) complete.add(close());
    }
    return complete;
  }

  private EpochLoss close() {
    int epoch = (int) (finished / spec.stepsPerEpoch() - 1);
    EpochLoss loss = new EpochLoss(epoch, lossSum, denominator);
    lossSum = 0;
    denominator = 0;
    return loss;
  }

  long finished() {
    return finished;
  }

  boolean done() {
    return finished >= spec.totalSteps();
  }
}
