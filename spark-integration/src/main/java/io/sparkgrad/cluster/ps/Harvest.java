package io.sparkgrad.cluster.ps;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What an executor holds at the end of a run. One task an executor brings it home, the others bring
 * {@link #NONE}.
 */
public record Harvest(ArrayList<Range> ranges, WireBytes wire) implements Serializable {
  public static final Harvest NONE = new Harvest(new ArrayList<>(), WireBytes.NONE);

  Harvest(List<Range> ranges, WireBytes wire) {
    this(new ArrayList<>(ranges), wire);
  }
}
