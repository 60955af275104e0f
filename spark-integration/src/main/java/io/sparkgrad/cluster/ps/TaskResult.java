package io.sparkgrad.cluster.ps;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The weights and byte counts of an executor at the end of a run. One task of each executor returns
 * it, the others return {@link #NONE}.
 */
public record TaskResult(ArrayList<WeightRange> ranges, WireBytes wire) implements Serializable {
  public static final TaskResult NONE = new TaskResult(new ArrayList<>(), WireBytes.NONE);

  TaskResult(List<WeightRange> ranges, WireBytes wire) {
    this(new ArrayList<>(ranges), wire);
  }
}
