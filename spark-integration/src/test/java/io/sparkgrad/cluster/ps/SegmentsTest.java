package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** Cutting and placing the parameters. */
class SegmentsTest {
  private static Address at(int port) {
    return new Address("h", port);
  }

  private static List<Address> members(int n) {
    List<Address> all = new ArrayList<>();
    for (int i = 0; i < n; i++) all.add(at(i));
    return all;
  }

  @Property(tries = 300)
  void segmentsCoverAllNumbersOnceWithinTheirBounds(
      @ForAll @IntRange(min = 1, max = Integer.MAX_VALUE) int numel) {
    Segments cut = new Segments(numel);
    BitSet all = new BitSet();
    all.set(0, cut.count());
    Spans numbers = cut.numbers(Spans.of(all));
    assertEquals(List.of(new Spans.Span(0, numel)), numbers.spans());
    assertTrue(cut.length() >= 1 << 10 && cut.length() <= 1 << 20);
    assertTrue(cut.length() == 1 << 10 || (long) cut.length() * 256 <= numel);
  }

  @Test
  void gatherAndScatterAreInverse() {
    Spans some = new Spans(List.of(new Spans.Span(1, 3), new Spans.Span(5, 6)));
    float[] flat = {0, 1, 2, 3, 4, 5, 6};
    Floats gathered = some.gather(Floats.of(flat));
    assertArrayEquals(new float[] {1, 2, 5}, gathered.gather());
    float[] back = new float[7];
    some.scatter(gathered, back);
    assertArrayEquals(new float[] {0, 1, 2, 0, 0, 5, 0}, back);
    assertThrows(
        IllegalArgumentException.class,
        () -> new Spans(List.of(new Spans.Span(1, 3), new Spans.Span(3, 4))));
  }

  /**
   * From any copies, the next placement is even, has two copies of everything and needs its moves
   * only.
   */
  @Property(tries = 500)
  void aPlacementIsEvenAndItsCopiesAreThereAfterTheMoves(
      @ForAll @LongRange(min = 0, max = 1_000_000) long seed) {
    Random r = new Random(seed);
    Segments cut = new Segments(1 + r.nextInt(300_000));
    List<Address> members = members(1 + r.nextInt(5));
    Map<Address, List<Held>> held = new HashMap<>();
    Map<Address, Map<Integer, Long>> has = new HashMap<>();
    for (Address a : members) {
      held.put(a, new ArrayList<>());
      has.put(a, new HashMap<>());
    }
    long last = 5 + r.nextInt(3);
    for (int s = 0; s < cut.count(); s++) {
      BitSet one = new BitSet();
      one.set(s);
      for (int copies = 1 + r.nextInt(2); copies > 0; copies--) {
        Address a = members.get(r.nextInt(members.size()));
        long version = last - r.nextInt(3);
        if (has.get(a).putIfAbsent(s, version) == null)
          held.get(a).add(new Held(Spans.of(one), version));
      }
    }
    List<Chunk> before = Placement.first(cut, members(3)).chunks();
    Placement p = Placement.next(cut, members, held, before);
    for (Placement.Move m : p.moves())
      for (int s : m.segments().members()) {
        assertEquals(m.version(), has.get(m.from()).get(s));
        has.get(m.to()).put(s, m.version());
      }
    Map<Address, Integer> load = new HashMap<>();
    BitSet placed = new BitSet();
    for (Chunk c : p.chunks()) {
      assertEquals(members.size() == 1, c.backup() == null);
      assertTrue(c.version() >= p.start() && c.version() <= p.start() + 2);
      assertTrue(cut.numbers(c.segments()).size() <= Segments.LARGEST);
      for (int s : c.segments().members()) {
        assertTrue(!placed.get(s), "twice");
        placed.set(s);
        load.merge(c.primary(), 1, Integer::sum);
        assertEquals(c.version(), has.get(c.primary()).get(s));
        if (c.backup() != null) assertEquals(c.version(), has.get(c.backup()).get(s));
      }
    }
    assertEquals(cut.count(), placed.cardinality());
    for (Address a : members) {
      int n = load.getOrDefault(a, 0);
      assertTrue(n >= cut.count() / members.size(), load.toString());
      assertTrue(n <= (cut.count() + members.size() - 1) / members.size(), load.toString());
    }
  }

  @Test
  void nothingMovesWhereNothingChanged() {
    Segments cut = new Segments(100_000);
    List<Address> members = members(3);
    Placement first = Placement.first(cut, members);
    Map<Address, List<Held>> held = new HashMap<>();
    for (Address a : members) held.put(a, new ArrayList<>());
    for (Chunk c : first.chunks()) {
      held.get(c.primary()).add(new Held(c.segments(), 7));
      held.get(c.backup()).add(new Held(c.segments(), 7));
    }
    Placement next = Placement.next(cut, members, held, first.chunks());
    assertEquals(List.of(), next.moves());
    assertEquals(
        first.chunks().stream().map(Chunk::primary).toList(),
        next.chunks().stream().map(Chunk::primary).toList());
  }
}
