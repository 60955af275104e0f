package io.sparkgrad.spark;

import io.sparkgrad.spark.ps.Harvest;
import io.sparkgrad.spark.ps.Range;
import io.sparkgrad.spark.ps.WireBytes;
import java.io.Serializable;
import java.util.List;

/** What a task sends home: the weights that its executor's shard holds, and its figures. */
record TaskReport(Harvest harvest, StepTimes times) implements Serializable {
  /** The weights of all shards put together. */
  static float[] weights(int numel, List<TaskReport> reports) {
    float[] weights = new float[numel];
    long found = 0;
    for (TaskReport r : reports) {
      for (Range range : r.harvest().ranges()) {
        System.arraycopy(range.values(), 0, weights, range.from(), range.values().length);
        found += range.values().length;
      }
    }
    if (found != numel) {
      throw new TrainingException(
          "the tasks brought home " + found + " of " + numel + " weights; train again");
    }
    return weights;
  }

  static WireBytes wire(List<TaskReport> reports) {
    WireBytes wire = WireBytes.NONE;
    for (TaskReport r : reports) wire = wire.plus(r.harvest().wire());
    return wire;
  }
}
