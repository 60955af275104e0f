package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The segments of one executor, as chunks. Thread-safe. */
class Shard {
  private final RunSpec spec;
  private final Segments cut;
  private final Address self;
  private final float[] initial; // shared, never written

  /* Who holds segments no longer keeps them as long as the others can go on from them: until the epoch has made as many
   * steps as a copy holds versions, its new holders may be gone without the coordinator's knowing. */
  private static final long KEPT_STEPS = 3;

  private List<ChunkCopy> copies = new ArrayList<>(); // all that is held
  private Map<Integer, ChunkCopy> open = Map.of(); // of the open epoch, by chunk

  Shard(RunSpec spec, Address self, float[] initial) {
    this.spec = spec;
    this.cut = spec.segments();
    this.self = self;
    this.initial = initial;
  }

  /** Ends the open epoch and says what is held. */
  synchronized List<Held> fence(long epoch, Outbox out) {
    open = Map.of();
    for (ChunkCopy c : copies) c.fence(epoch, out);
    return held();
  }

  synchronized List<Held> held() {
    return copies.stream().map(c -> new Held(c.segments(), c.version())).toList();
  }

  /** Holds a copy that another executor sent. */
  synchronized void install(CopyState state) {
    copies.removeIf(c -> c.version() == state.version() && c.segments().equals(state.segments()));
    copies.add(copy(state));
  }

  ChunkCopy copy(CopyState state) {
    return new ChunkCopy(spec, state);
  }

  /** Opens an epoch. */
  synchronized void open(Message.Commit m) {
    Map<Integer, ChunkCopy> next = new HashMap<>();
    for (Chunk c : m.chunks()) {
      boolean primary = c.primary().equals(self);
      if (!primary && !self.equals(c.backup())) continue;
      ChunkCopy copy = exact(c);
      if (copy == null) copy = copy(snapshot(c.segments(), c.version()));
      copy.open(m.epoch(), c, primary, m.computes(c.backup()));
      next.put(c.id(), copy);
    }
    open = next;
    copies.removeIf(c -> isReplaced(c, next.values()));
    copies.addAll(next.values());
  }

  private static boolean isReplaced(ChunkCopy c, Collection<ChunkCopy> by) {
    BitSet left = new BitSet();
    for (int s : c.segments().members()) left.set(s);
    for (ChunkCopy n : by) for (int s : n.segments().members()) left.clear(s);
    return left.isEmpty();
  }

  /** Lets go of what nobody can go on from any more: others have reached this version. */
  synchronized void reached(long version) {
    if (copies.size() == open.size()) return;
    copies.removeIf(c -> !open.containsValue(c) && c.version() <= version - KEPT_STEPS);
  }

  private ChunkCopy exact(Chunk of) {
    for (ChunkCopy c : copies)
      if (c.version() == of.version() && c.segments().equals(of.segments())) return c;
    return null;
  }

  /**
   * A copy of some segments, put together from what is held; version 0 can be made from nothing.
   *
   * @throws IllegalStateException if this version of a segment is not held
   */
  synchronized CopyState snapshot(Spans segments, long version) {
    Map<ChunkCopy, CopyState> copied = new HashMap<>();
    List<CopyState> parts = new ArrayList<>();
    for (int segment : segments.members()) parts.add(part(segment, version, copied));
    CopyState first = parts.get(0);
    List<Message.StepLoss> losses = new ArrayList<>();
    for (CopyState p : parts) losses.addAll(p.losses());
    return new CopyState(
        segments,
        version,
        join(parts, first.weights().size(), CopyState::weights),
        join(parts, first.slots().size(), CopyState::slots),
        first.updates(),
        first.pinnedVersion(),
        first.pinned() == null ? null : join(parts, 1, p -> List.of(p.pinned())).get(0),
        losses,
        undone(parts),
        rows(parts, CopyState::pinnedRows),
        first.norms());
  }

  private static List<List<TableRows>> undone(List<CopyState> parts) {
    List<List<TableRows>> joined = new ArrayList<>();
    for (int i = 0; i < parts.get(0).undone().size(); i++) {
      int step = i;
      joined.add(rows(parts, p -> p.undone().get(step)));
    }
    return joined;
  }

  private static List<TableRows> rows(
      List<CopyState> parts, Function<CopyState, List<TableRows>> of) {
    List<TableRows> joined = List.of();
    for (CopyState p : parts) joined = TableRows.union(joined, of.apply(p));
    return joined;
  }

  private static List<Floats> join(
      List<CopyState> parts, int count, Function<CopyState, List<Floats>> of) {
    List<Floats> joined = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = 0;
      for (CopyState p : parts) length += of.apply(p).get(i).length();
      float[] to = new float[length];
      int at = 0;
      for (CopyState p : parts) {
        Floats from = of.apply(p).get(i);
        System.arraycopy(from.array(), from.from(), to, at, from.length());
        at += from.length();
      }
      joined.add(Floats.of(to));
    }
    return joined;
  }

  private CopyState part(int segment, long version, Map<ChunkCopy, CopyState> copied) {
    for (ChunkCopy c : copies)
      if (c.version() == version && c.segments().contains(segment))
        return slice(copied.computeIfAbsent(c, ChunkCopy::snapshot), segment);
    if (version == 0) return beginning(segment);
    throw new IllegalStateException(
        "version %s of segment %s is not held at %s".formatted(version, segment, self));
  }

  private CopyState slice(CopyState whole, int segment) {
    int from = 0;
    for (int s : whole.segments().members()) {
      if (s == segment) break;
      from += cut.numbers(only(s)).size();
    }
    int length = cut.numbers(only(segment)).size();
    int at = from;
    return new CopyState(
        only(segment),
        whole.version(),
        whole.weights().stream().map(w -> w.slice(at, length)).toList(),
        whole.slots().stream().map(s -> s.slice(at, length)).toList(),
        whole.updates(),
        whole.pinnedVersion(),
        whole.pinned() == null ? null : whole.pinned().slice(at, length),
        segment == 0 ? whole.losses() : List.of(),
        whole.undone().stream().map(rows -> cut.only(rows, only(segment))).toList(),
        cut.only(whole.pinnedRows(), only(segment)),
        whole.norms());
  }

  private CopyState beginning(int segment) {
    Spans numbers = cut.numbers(only(segment));
    int length = numbers.size();
    List<Floats> slots = new ArrayList<>();
    for (int i = 0; i < spec.optimizer().slots().size(); i++)
      slots.add(Floats.of(new float[length]));
    Floats weights = numbers.gather(Floats.of(initial));
    List<Long> updates = Collections.nCopies(spec.parameterCount(), 0L);
    return new CopyState(only(segment), 0, List.of(weights), slots, updates, -1, null, List.of());
  }

  private static Spans only(int segment) {
    BitSet one = new BitSet();
    one.set(segment);
    return Spans.of(one);
  }

  /** The copy of a chunk of the open epoch; null if it is not held here, or none is open. */
  synchronized ChunkCopy at(int chunk) {
    return open.get(chunk);
  }

  /** The copies of the open epoch that are primaries here. */
  synchronized List<ChunkCopy> primaries() {
    return open.values().stream().filter(ChunkCopy::isPrimary).toList();
  }

  /** The primary of segment 0 in the open epoch; null if it is elsewhere. */
  synchronized ChunkCopy reporting() {
    for (ChunkCopy c : open.values()) if (c.isReporter()) return c;
    return null;
  }

  /** Ends the run here: answers everything parked. */
  synchronized void abort(String text, Outbox out) {
    for (ChunkCopy c : copies) c.abort(text, out);
  }
}
