package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.List;

/**
 * Which shard holds which numbers: blocks of {@value #BLOCK} numbers, dealt to the shards in
 * contiguous near-equal ranges, each cut into segments. A segment is one frame on the wire: it is
 * pushed, summed, stepped and answered by itself. With fewer blocks than shards some hold nothing.
 *
 * @param numel count of numbers, at least 1
 * @param shards address of each shard
 */
record Layout(int numel, List<Address> shards) {
  static final int BLOCK = 4096;
  static final int SEGMENT_BLOCKS = 256; // 1,048,576 numbers: 4 MiB

  Layout {
    if (numel < 1 || shards.isEmpty())
      throw new IllegalArgumentException(numel + " numbers on " + shards.size() + " shards");
    shards = List.copyOf(shards);
  }

  /** Numbers {@code [from, from + length)}, held by one shard. */
  record Segment(int index, int shard, int from, int length) {}

  /** All segments in the order of their numbers; segment 0 is the lead. */
  List<Segment> segments() {
    List<Segment> all = new ArrayList<>();
    for (int shard = 0; shard < shards.size(); shard++) {
      int end = firstBlock(shard + 1);
      for (int block = firstBlock(shard); block < end; block += SEGMENT_BLOCKS) {
        long to = Math.min(numel, (long) Math.min(end, block + SEGMENT_BLOCKS) * BLOCK);
        int from = block * BLOCK;
        all.add(new Segment(all.size(), shard, from, (int) (to - from)));
      }
    }
    return all;
  }

  /** Count of numbers that the shard holds. */
  long held(int shard) {
    return Math.min(numel, (long) firstBlock(shard + 1) * BLOCK)
        - Math.min(numel, (long) firstBlock(shard) * BLOCK);
  }

  private int firstBlock(int shard) {
    long blocks = (numel + (long) BLOCK - 1) / BLOCK;
    return (int) ((shard * blocks + shards.size() - 1) / shards.size());
  }
}
