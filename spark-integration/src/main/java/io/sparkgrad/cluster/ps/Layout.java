package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.List;

/**
 * Maps numbers to shards: pages of {@value #PAGE} numbers, dealt to the shards in contiguous
 * near-equal ranges, each cut into segments. A segment is one message on the wire: it is pushed,
 * summed, stepped and answered by itself. With fewer pages than shards some hold nothing.
 *
 * @param numel count of numbers, at least 1
 * @param shards address of each shard
 */
record Layout(int numel, List<Address> shards) {
  static final int PAGE = 4096;
  static final int SEGMENT_PAGES = 256; // 1,048,576 numbers: 4 MiB

  Layout {
    if (numel < 1 || shards.isEmpty())
      throw new IllegalArgumentException(numel + " numbers on " + shards.size() + " shards");
    shards = List.copyOf(shards);
  }

  /** Numbers {@code [from, from + length)}, held by one shard. */
  record Segment(int index, int shard, int from, int length) {}

  /** All segments in the order of their numbers; the shard of segment 0 reports progress. */
  List<Segment> segments() {
    List<Segment> all = new ArrayList<>();
    for (int shard = 0; shard < shards.size(); shard++) {
      int end = firstPage(shard + 1);
      for (int page = firstPage(shard); page < end; page += SEGMENT_PAGES) {
        long to = Math.min(numel, (long) Math.min(end, page + SEGMENT_PAGES) * PAGE);
        int from = page * PAGE;
        all.add(new Segment(all.size(), shard, from, (int) (to - from)));
      }
    }
    return all;
  }

  /** Count of numbers that a shard holds. */
  long held(int shard) {
    return Math.min(numel, (long) firstPage(shard + 1) * PAGE)
        - Math.min(numel, (long) firstPage(shard) * PAGE);
  }

  private int firstPage(int shard) {
    long pages = (numel + (long) PAGE - 1) / PAGE;
    return (int) ((shard * pages + shards.size() - 1) / shards.size());
  }
}
