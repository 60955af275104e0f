package io.sparkgrad.cluster.ps;

import io.sparkgrad.optim.Optimizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** The weights of a chunk without tables, each version in an array of its own. */
final class DenseCopy implements Versions {
  /* Versions leave by reference. The array of version v is written again when version v+4 is made: then everybody has
   * pushed step v+3, so everybody has read v. A pinned array stays out of the rotation. */
  private static final int VERSIONS = 3;

  /** The part of a parameter that is here: its numbers {@code [from, end)} among the chunk's. */
  private record Piece(int parameter, int from, int end) {}

  private final RunSpec spec;
  private final int length;
  private final List<Piece> pieces;

  private long version;
  private final float[][] weights = new float[VERSIONS][]; // newest first
  private float[] spare; // null: none
  private final float[][] slots;
  private final long[] updates; // of each parameter of the run
  private long pinnedVersion;
  private float[] pinned; // null: none

  DenseCopy(RunSpec spec, Spans numbers, CopyState state) {
    this.spec = spec;
    this.length = numbers.size();
    this.pieces = pieces(spec.parameters(), numbers);
    this.version = state.version();
    if (state.weights().size() > VERSIONS)
      throw new IllegalArgumentException("a copy of %s versions".formatted(state.weights().size()));
    for (int i = 0; i < state.weights().size(); i++)
      weights[i] = state.weights().get(i).whole(length);
    this.slots = state.slots().stream().map(s -> s.whole(length)).toArray(float[][]::new);
    this.updates = state.updates().stream().mapToLong(n -> n).toArray();
    this.pinnedVersion = state.pinnedVersion();
    this.pinned = state.pinned() == null ? null : state.pinned().whole(length);
  }

  private static List<Piece> pieces(List<Integer> parameters, Spans numbers) {
    List<Piece> pieces = new ArrayList<>();
    int at = 0; // among the chunk's numbers
    for (Spans.Span s : numbers.spans()) {
      int begin = 0; // of the parameter
      for (int p = 0; p < parameters.size(); begin += parameters.get(p++)) {
        int from = Math.max(begin, s.from());
        int end = Math.min(begin + parameters.get(p), s.end());
        if (from < end) pieces.add(new Piece(p, at + from - s.from(), at + end - s.from()));
      }
      at += s.length();
    }
    return pieces;
  }

  @Override
  public long version() {
    return version;
  }

  @Override
  public boolean holds(long of) {
    return at(of) != null;
  }

  /** The weights of a version; null if they are not held. */
  private float[] at(long of) {
    if (of == pinnedVersion) return pinned;
    long age = version - of;
    return age < 0 || age >= VERSIONS ? null : weights[(int) age];
  }

  @Override
  public void pin(long keep) {
    pinned = at(keep);
    pinnedVersion = keep;
  }

  @Override
  public long pinned() {
    return pinnedVersion;
  }

  @Override
  public void apply(Gradient mean) {
    float[] next = spare == null ? new float[length] : spare;
    System.arraycopy(weights[0], 0, next, 0, length);
    if (mean.dense() != null) step(next, mean.dense(), mean.present());
    float[] oldest = weights[VERSIONS - 1];
    spare = oldest == pinned ? null : oldest;
    System.arraycopy(weights, 0, weights, 1, VERSIONS - 1);
    weights[0] = next;
    mean.present().stream().forEach(p -> updates[p]++);
    version++;
  }

  /* Neighbours of one rule that were updated as often are stepped in one go: mostly all. */
  private void step(float[] next, Floats g, BitSet present) {
    int i = 0;
    for (; i < pieces.size() && pieces.get(i).parameter() < spec.buffers(); i++)
      if (present.get(pieces.get(i).parameter())) move(next, g, pieces.get(i));
    while (i < pieces.size()) {
      Piece first = pieces.get(i);
      Optimizer rule = spec.rule(first.parameter());
      boolean steps = present.get(first.parameter()) && !rule.isFrozen();
      long before = updates[first.parameter()];
      int from = first.from();
      int end = from;
      for (; i < pieces.size(); i++) {
        Piece p = pieces.get(i);
        if (present.get(p.parameter()) != present.get(first.parameter())
            || updates[p.parameter()] != before
            || spec.rule(p.parameter()) != rule) break;
        end = p.end();
      }
      if (steps)
        rule.step(
            next,
            from,
            g.array(),
            g.from() + from,
            slots,
            end - from,
            before + 1,
            rule.rate(version));
    }
  }

  private static void move(float[] buffers, Floats change, Piece p) {
    for (int i = p.from(); i < p.end(); i++) buffers[i] += change.at(i);
  }

  @Override
  public Floats whole(long of) {
    return Floats.of(at(of));
  }

  @Override
  public Message.Weights weights(int chunk, long of, List<TableRows> rows) {
    return new Message.Weights(spec.runId(), chunk, of, whole(of), List.of());
  }

  @Override
  public CopyState snapshot(Spans segments, List<Message.StepLoss> losses) {
    List<Floats> versions = new ArrayList<>();
    for (float[] w : weights) if (w != null) versions.add(Floats.of(w.clone()));
    List<Floats> state = new ArrayList<>();
    for (float[] s : slots) state.add(Floats.of(s.clone()));
    Floats kept = pinned == null ? null : Floats.of(pinned.clone());
    return new CopyState(
        segments,
        version,
        versions,
        state,
        Arrays.stream(updates).boxed().toList(),
        pinnedVersion,
        kept,
        losses);
  }
}
