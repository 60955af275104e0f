package io.sparkgrad.cluster.ps;

/**
 * Segments with the same holders and version: they travel, are summed and step together in an
 * epoch. At most 4 MiB.
 *
 * @param id the place in the list of the epoch
 * @param version of the weights with which the epoch opens
 * @param primary sums, steps and answers
 * @param backup repeats each step; null: nobody
 */
record Chunk(int id, Spans segments, long version, Address primary, Address backup) {
  /** Whether its segments are parts of tables: they are, or none is. */
  boolean isRows(Segments cut) {
    return cut.isRows(segments.spans().get(0).from());
  }
}
