package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LayoutTest {
  @Property
  void segmentsCoverAllNumbersInOrder(
      @ForAll @IntRange(min = 1, max = Integer.MAX_VALUE) int numel,
      @ForAll @IntRange(min = 1, max = 9) int shards) {
    Layout layout = layout(numel, shards);
    long at = 0;
    int shard = 0;
    long[] held = new long[shards];
    for (Layout.Segment s : layout.segments()) {
      assertEquals(at, s.from());
      assertTrue(s.length() > 0 && s.length() <= Layout.SEGMENT_PAGES * Layout.PAGE);
      assertTrue(s.shard() >= shard, "contiguous");
      shard = s.shard();
      held[shard] += s.length();
      at += s.length();
    }
    assertEquals(numel, at);
    for (int i = 0; i < shards; i++) assertEquals(held[i], layout.held(i));
  }

  @Property
  void shardsDifferByTwoPagesAtMost(
      @ForAll @IntRange(min = 1, max = 50_000_000) int numel,
      @ForAll @IntRange(min = 1, max = 9) int shards) {
    Layout layout = layout(numel, shards);
    for (int i = 0; i < shards; i++) {
      double fair = (double) numel / shards;
      assertTrue(
          Math.abs(layout.held(i) - fair) <= 2 * Layout.PAGE, layout.held(i) + " of " + fair);
    }
  }

  @Test
  void withFewerPagesThanShardsTheFirstShardHoldsAll() {
    List<Layout.Segment> segments = layout(5, 3).segments();
    assertEquals(List.of(new Layout.Segment(0, 0, 0, 5)), segments);
  }

  static Layout layout(int numel, int shards) {
    List<Address> addresses = new ArrayList<>();
    for (int i = 0; i < shards; i++) addresses.add(new Address("h", i));
    return new Layout(numel, addresses);
  }
}
