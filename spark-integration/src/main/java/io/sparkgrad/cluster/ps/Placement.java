package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which executor holds which segments in an epoch: their primaries evenly, moved as little as
 * possible; the backup of an executor's segments is the next executor in the order of joining.
 *
 * @param start the newest version that all segments can serve
 * @param newest the newest version of any segment
 * @param moves copies to be made before the epoch opens
 */
record Placement(List<Chunk> chunks, long start, long newest, List<Move> moves) {
  private static final int FEW_ROWS = 16; // a step moves at most one of so many, or so

  /** A copy of some segments, from a holder to an executor that has none of this version. */
  record Move(Address from, Spans segments, long version, Address to) {}

  /** Segments of which nobody holds a copy from which the others could go on. */
  static final class Lost extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Spans segments;

    Lost(Spans segments) {
      super("no copy of the segments " + segments);
      this.segments = segments;
    }

    Spans segments() {
      return segments;
    }
  }

  /** The first placement: neighbours together, version 0, which everybody has. */
  static Placement first(Segments cut, List<Address> members) {
    Address[] primaries = new Address[cut.count()];
    for (int s = 0; s < primaries.length; s++)
      primaries[s] = members.get((int) ((long) s * members.size() / primaries.length));
    return new Placement(
        chunks(cut, primaries, new long[primaries.length], members), 0, 0, List.of());
  }

  /**
   * The next placement.
   *
   * @param members in the order of joining
   * @param held by each member
   * @param before of the last epoch
   * @throws Lost if nobody holds some segment any more
   */
  static Placement next(
      Segments cut, List<Address> members, Map<Address, List<Held>> held, List<Chunk> before) {
    int n = cut.count();
    long[] versions = new long[n]; // of the newest copies; everybody can make version 0
    for (Address a : members)
      for (Held h : held.get(a))
        for (int s : h.segments().members()) versions[s] = Math.max(versions[s], h.version());
    long last = Arrays.stream(versions).max().getAsLong();
    BitSet lost = new BitSet(); // the others cannot go back as far as that
    for (int s = 0; s < n; s++) if (versions[s] < last - 2) lost.set(s);
    if (!lost.isEmpty()) throw new Lost(Spans.of(lost));

    Map<Address, BitSet> newest = new LinkedHashMap<>(); // who can go on with which segments
    for (Address a : members) {
      BitSet own = new BitSet();
      for (Held h : held.get(a))
        for (int s : h.segments().members()) if (h.version() == versions[s]) own.set(s);
      for (int s = 0; s < n; s++) if (versions[s] == 0) own.set(s);
      newest.put(a, own);
    }
    Address[] primaries = primaries(n, newest, before);
    balance(primaries, members, newest);
    List<Chunk> chunks = chunks(cut, primaries, versions, members);
    return new Placement(
        chunks, Arrays.stream(versions).min().getAsLong(), last, moves(chunks, newest));
  }

  private static Address[] primaries(int n, Map<Address, BitSet> newest, List<Chunk> before) {
    Address[] primaries = new Address[n];
    for (Chunk c : before)
      for (int s : c.segments().members())
        for (Address a : new Address[] {c.backup(), c.primary()})
          if (a != null && newest.containsKey(a) && newest.get(a).get(s)) primaries[s] = a;
    for (int s = 0; s < n; s++)
      for (Map.Entry<Address, BitSet> e : newest.entrySet())
        if (primaries[s] == null && e.getValue().get(s)) primaries[s] = e.getKey();
    return primaries;
  }

  /** Moves segments from who has most to who has least, rather those of which it has a copy. */
  private static void balance(
      Address[] primaries, List<Address> members, Map<Address, BitSet> newest) {
    Map<Address, BitSet> load = new HashMap<>();
    for (Address a : members) load.put(a, new BitSet());
    for (int s = 0; s < primaries.length; s++) load.get(primaries[s]).set(s);
    Comparator<Address> byLoad = Comparator.comparing(a -> load.get(a).cardinality());
    while (true) {
      Address most = members.stream().max(byLoad).orElseThrow();
      Address least = members.stream().min(byLoad).orElseThrow();
      if (load.get(most).cardinality() - load.get(least).cardinality() < 2) return;
      BitSet there = (BitSet) load.get(most).clone();
      there.and(newest.get(least));
      int s = there.isEmpty() ? load.get(most).length() - 1 : there.length() - 1;
      load.get(most).clear(s);
      load.get(least).set(s);
      primaries[s] = least;
    }
  }

  private static List<Chunk> chunks(
      Segments cut, Address[] primaries, long[] versions, List<Address> members) {
    record Key(Address primary, long version, boolean rows) {}
    Map<Key, BitSet> together = new LinkedHashMap<>();
    for (int s = 0; s < primaries.length; s++)
      together
          .computeIfAbsent(new Key(primaries[s], versions[s], cut.isRows(s)), k -> new BitSet())
          .set(s);
    List<Chunk> chunks = new ArrayList<>();
    together.forEach(
        (k, set) -> {
          int at = members.indexOf(k.primary());
          Address backup = members.size() == 1 ? null : members.get((at + 1) % members.size());
          int most = Segments.LARGEST / cut.length() * (k.rows() ? FEW_ROWS : 1);
          for (Spans part : parts(set, most))
            chunks.add(new Chunk(chunks.size(), part, k.version(), k.primary(), backup));
        });
    return chunks;
  }

  private static List<Spans> parts(BitSet set, int most) {
    List<Spans> parts = new ArrayList<>();
    BitSet part = new BitSet();
    for (int s = set.nextSetBit(0); s >= 0; s = set.nextSetBit(s + 1)) {
      part.set(s);
      if (part.cardinality() < most) continue;
      parts.add(Spans.of(part));
      part = new BitSet();
    }
    if (!part.isEmpty()) parts.add(Spans.of(part));
    return parts;
  }

  private static List<Move> moves(List<Chunk> chunks, Map<Address, BitSet> newest) {
    List<Move> moves = new ArrayList<>();
    for (Chunk c : chunks) {
      move(c, c.primary(), newest, moves);
      if (c.backup() != null) move(c, c.backup(), newest, moves);
    }
    return moves;
  }

  private static void move(Chunk c, Address to, Map<Address, BitSet> newest, List<Move> moves) {
    BitSet missing = new BitSet();
    for (int s : c.segments().members()) missing.set(s);
    missing.andNot(newest.get(to));
    for (Map.Entry<Address, BitSet> e : newest.entrySet()) {
      BitSet from = (BitSet) missing.clone();
      from.and(e.getValue());
      if (from.isEmpty()) continue;
      moves.add(new Move(e.getKey(), Spans.of(from), c.version(), to));
      missing.andNot(from);
    }
  }
}
