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

  private final RunSpec spec;
  private final Spans segments;
  private final int length;
  private final List<Piece> pieces;

  private long version;
  private final float[][] weights = new float[VERSIONS][]; // newest first
  private float[] spare; // null: none
  private final float[][] slots;
  private final long[] updates; // of each parameter of the run
  private long pinnedVersion;
  private float[] pinned; // null: none

  DenseCopy(RunSpec spec, Spans numbers, CopyState state, CopyState.Dense dense) {
    this.spec = spec;
    this.segments = state.segments();
    this.length = numbers.size();
    this.pieces = Piece.of(spec, numbers);
    this.version = state.version();
    if (dense.weights().size() > VERSIONS
        || dense.slots().size() != spec.optimizer().slots().size())
      throw new IllegalArgumentException(
          "a copy of %s versions and %s slots"
              .formatted(dense.weights().size(), dense.slots().size()));
    for (int i = 0; i < dense.weights().size(); i++)
      weights[i] = dense.weights().get(i).whole(length);
    this.slots = dense.slots().stream().map(s -> s.whole(length)).toArray(float[][]::new);
    this.updates = state.updates().stream().mapToLong(n -> n).toArray();
    this.pinnedVersion = state.pinnedVersion();
    this.pinned = dense.pinned() == null ? null : dense.pinned().whole(length);
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
  public List<Double> measure(Norms.Kind kind, Gradient mean) {
    List<Double> sums = new ArrayList<>();
    for (Piece p : pieces) {
      double[] of = new double[kind.sums];
      if (mean.dense() != null && isStepped(p, mean.present())) measure(kind, p, mean.dense(), of);
      for (double sum : of) sums.add(sum);
    }
    return sums;
  }

  private boolean isStepped(Piece p, BitSet present) {
    return p.parameter() >= spec.buffers()
        && present.get(p.parameter())
        && !spec.rule(p.parameter()).isFrozen();
  }

  private void measure(Norms.Kind kind, Piece p, Floats g, double[] sums) {
    if (kind == Norms.Kind.GRADIENT) {
      for (int i = p.from(); i < p.end(); i++) sums[0] += (double) g.at(i) * g.at(i);
      return;
    }
    spec.rule(p.parameter())
        .measure(
            weights[0],
            p.from(),
            g.array(),
            g.from() + p.from(),
            slots,
            p.end() - p.from(),
            updates[p.parameter()] + 1,
            sums);
  }

  @Override
  public void apply(Gradient mean, List<Double> layers) {
    float[] next = spare == null ? new float[length] : spare;
    System.arraycopy(weights[0], 0, next, 0, length);
    if (mean.dense() != null) step(next, mean.dense(), mean.present(), layers);
    float[] oldest = weights[VERSIONS - 1];
    spare = oldest == pinned ? null : oldest;
    System.arraycopy(weights, 0, weights, 1, VERSIONS - 1);
    weights[0] = next;
    BitSet present = mean.present();
    for (int p = present.nextSetBit(0); p >= 0; p = present.nextSetBit(p + 1)) updates[p]++;
    version++;
  }

  /* Neighbours of one rule that were updated as often are stepped in one go: mostly all. */
  private void step(float[] next, Floats g, BitSet present, List<Double> layers) {
    int i = 0;
    for (; i < pieces.size() && pieces.get(i).parameter() < spec.buffers(); i++)
      if (present.get(pieces.get(i).parameter())) move(next, g, pieces.get(i));
    while (i < pieces.size()) {
      Piece first = pieces.get(i);
      int end = first.from();
      for (; i < pieces.size() && together(first, pieces.get(i), present); i++)
        end = pieces.get(i).end();
      if (isStepped(first, present)) step(next, first.parameter(), first.from(), end, g, layers);
    }
  }

  private boolean together(Piece a, Piece b, BitSet present) {
    if (a.parameter() == b.parameter()) return true;
    Optimizer rule = spec.rule(a.parameter());
    return spec.rule(b.parameter()) == rule
        && !rule.isLayerwise()
        && present.get(b.parameter()) == present.get(a.parameter())
        && updates[b.parameter()] == updates[a.parameter()];
  }

  private void step(float[] next, int parameter, int from, int end, Floats g, List<Double> layers) {
    Optimizer rule = spec.rule(parameter);
    double rate = rule.rate(version);
    if (rule.isLayerwise())
      rate *= rule.trustRatio(layers.get(2 * parameter), layers.get(2 * parameter + 1));
    long update = updates[parameter] + 1;
    rule.step(next, from, g.array(), g.from() + from, slots, end - from, update, rate);
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
  public CopyState snapshot(List<Message.StepLoss> losses, List<List<Double>> norms) {
    List<Floats> versions = new ArrayList<>();
    for (float[] w : weights) if (w != null) versions.add(Floats.of(w.clone()));
    List<Floats> state = new ArrayList<>();
    for (float[] s : slots) state.add(Floats.of(s.clone()));
    Floats kept = pinned == null ? null : Floats.of(pinned.clone());
    return new CopyState(
        segments,
        version,
        new CopyState.Dense(versions, state, kept),
        Arrays.stream(updates).boxed().toList(),
        pinnedVersion,
        losses,
        norms);
  }
}
