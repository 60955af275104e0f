package io.sparkgrad.cluster.ps;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What all chunks measured of the steps of an open epoch, where rules go by norms: complete once
 * all primaries have said theirs, or one says the totals of a step that it has made before.
 * Thread-safe.
 */
final class NormExchange {
  /* A total may still be asked for while the step after the next is measured. */
  private static final int STEPS = 3;

  private record Part(long step, int kind) {}

  private final RunSpec spec;
  private final Norms norms;
  private Message.Commit open; // null: none
  private final Map<Part, Norms.Collected> collected = new HashMap<>();
  private final Map<Long, List<Double>> known = new HashMap<>(); // totals of steps made before

  NormExchange(RunSpec spec) {
    this.spec = spec;
    this.norms = new Norms(spec);
  }

  synchronized void open(Message.Commit m) {
    close();
    open = m;
  }

  /** Forgets all of the epoch. */
  synchronized void close() {
    open = null;
    collected.clear();
    known.clear();
  }

  /**
   * Takes in what a chunk measured.
   *
   * @return the total, once it is known; null before
   */
  synchronized List<Double> add(Message.Measured m) {
    if (open == null || open.epoch() != m.epoch()) return null;
    Chunk chunk = check(m);
    if (known.containsKey(m.step())) return of(m.kind(), known.get(m.step()));
    Norms.Collected all =
        collected.computeIfAbsent(
            new Part(m.step(), m.kind()), p -> norms.new Collected(spec.norms().get(p.kind())));
    all.add(chunk.segments(), m.sums());
    if (!all.isComplete()) return null;
    collected.keySet().removeIf(p -> p.step() <= m.step() - STEPS);
    return all.total();
  }

  private Chunk check(Message.Measured m) {
    if (m.chunk() < 0 || m.chunk() >= open.chunks().size())
      throw new IllegalArgumentException("no chunk %s to measure".formatted(m.chunk()));
    Chunk chunk = open.chunks().get(m.chunk());
    if (!chunk.primary().equals(m.from()))
      throw new IllegalArgumentException(
          "%s measured chunk %s, whose primary is %s"
              .formatted(m.from(), m.chunk(), chunk.primary()));
    if (m.kind() < 0 || m.kind() >= spec.norms().size())
      throw new IllegalArgumentException("no norm of kind %s".formatted(m.kind()));
    check(m.step(), m.sums(), norms.count(spec.norms().get(m.kind()), chunk.segments()));
    return chunk;
  }

  private void check(long step, List<Double> sums, int count) {
    if (step < open.start() || step >= spec.totalSteps())
      throw new IllegalArgumentException("norms of step " + step);
    if (sums.size() != count || !sums.stream().allMatch(s -> s >= 0 && s <= Double.MAX_VALUE))
      throw new IllegalArgumentException(
          "%s where %s sums of squares are expected".formatted(sums, count));
  }

  /**
   * Takes in the totals of a step that a segment has made before.
   *
   * @return whether the epoch is open
   */
  synchronized boolean add(Message.Totals m) {
    if (open == null || open.epoch() != m.epoch()) return false;
    if (open.chunks().stream().noneMatch(c -> c.primary().equals(m.from())))
      throw new IllegalArgumentException(m.from() + " is no primary");
    check(m.step(), m.totals(), spec.totals());
    known.put(m.step(), m.totals());
    return true;
  }

  /** Of all totals of a step, those of a kind. */
  List<Double> of(int kind, List<Double> totals) {
    int from = 0;
    for (int k = 0; k < kind; k++) from += spec.norms().get(k).totals(spec.parameterCount());
    int count = spec.norms().get(kind).totals(spec.parameterCount());
    return List.copyOf(totals.subList(from, from + count));
  }
}
