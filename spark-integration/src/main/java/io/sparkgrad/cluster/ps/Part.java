package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A chunk as an executor meets it in every step of an epoch.
 *
 * @param numbers those of its segments, among all parameters
 * @param isRows whether they are parts of tables: all are, or none is
 * @param isElsewhere whether another executor is its primary
 */
record Part(Chunk chunk, Spans numbers, boolean isRows, boolean isElsewhere) {

  /** All chunks; the others' first, so that they travel while the own ones are summed here. */
  static List<Part> of(List<Chunk> chunks, Segments cut, Address self) {
    List<Part> parts = new ArrayList<>();
    for (Chunk c : chunks)
      parts.add(new Part(c, cut.numbers(c.segments()), c.isRows(cut), !c.primary().equals(self)));
    parts.sort(Comparator.comparing(p -> !p.isElsewhere));
    return parts;
  }

  /** Bytes of its dense numbers. */
  long bytes() {
    return isRows ? 0 : (long) Float.BYTES * numbers.size();
  }

  /** What it has of a gradient of all. */
  Gradient of(Gradient all, Segments cut) {
    if (isRows) return new Gradient(null, all.present(), cut.only(all.rows(), chunk.segments()));
    Floats dense = all.dense() == null ? null : numbers.gather(all.dense());
    return new Gradient(dense, all.present(), List.of());
  }
}
