package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
    return new ChunkCopy(spec, initial, state);
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
    List<Message.StepLoss> losses = new ArrayList<>();
    for (CopyState p : parts) losses.addAll(p.losses());
    return parts.get(0).with(segments, join(parts), losses);
  }

  private static CopyState.Numbers join(List<CopyState> parts) {
    List<CopyState.Dense> dense = new ArrayList<>();
    List<CopyState.Rows> rows = new ArrayList<>();
    for (CopyState p : parts)
      if (p.numbers() instanceof CopyState.Rows r) rows.add(r);
      else dense.add((CopyState.Dense) p.numbers());
    return dense.isEmpty() ? CopyState.Rows.join(rows) : CopyState.Dense.join(dense);
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
    List<Message.StepLoss> losses = segment == 0 ? whole.losses() : List.of();
    return whole.with(only(segment), slice(whole.segments(), whole.numbers(), segment), losses);
  }

  private CopyState.Numbers slice(Spans of, CopyState.Numbers numbers, int segment) {
    if (numbers instanceof CopyState.Rows rows) return rows.only(cut, only(segment));
    int at = 0;
    for (int s : of.members()) {
      if (s == segment) break;
      at += cut.numbers(only(s)).size();
    }
    return ((CopyState.Dense) numbers).slice(at, cut.numbers(only(segment)).size());
  }

  private CopyState beginning(int segment) {
    CopyState.Numbers numbers =
        cut.isRows(segment) ? CopyState.Rows.NONE : first(cut.numbers(only(segment)));
    List<Long> updates = Collections.nCopies(spec.parameterCount(), 0L);
    return new CopyState(only(segment), 0, numbers, updates, -1, List.of(), List.of());
  }

  private CopyState.Dense first(Spans numbers) {
    List<Floats> slots = new ArrayList<>();
    for (int i = 0; i < spec.optimizer().slots().size(); i++)
      slots.add(Floats.of(new float[numbers.size()]));
    return new CopyState.Dense(List.of(numbers.gather(Floats.of(initial))), slots, null);
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
