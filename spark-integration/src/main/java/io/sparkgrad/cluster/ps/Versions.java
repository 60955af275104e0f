package io.sparkgrad.cluster.ps;

import java.util.List;

/**
 * A chunk's weights in the newest version and the two before, one more that is pinned, and the
 * optimizer's state. What is held at a version depends on the version alone. Guarded by its {@link
 * ChunkCopy}.
 */
interface Versions {
  /** The newest. */
  long version();

  boolean holds(long version);

  /** Keeps a version that is held, in place of the one kept before. */
  void pin(long version);

  /**
   * What is measured of a step that is not made yet, of each piece, in order: those of {@link
   * Piece#of}, or one a segment of tables.
   */
  List<Double> measure(Norms.Kind kind, Gradient mean);

  /**
   * Makes the next version by a step of the optimizer.
   *
   * @param layers the totals of {@link Norms.Kind#LAYERS}, of a rule that goes by them
   */
  void apply(Gradient mean, List<Double> layers);

  /**
   * All numbers of a version that is held. They stay as they are until the fourth version after is
   * made.
   */
  Floats whole(long version);

  /** What a pull or push is answered by, of a version that is held. */
  Message.Weights weights(int chunk, long version, List<TableRows> rows);

  /** Copies everything, with what the copy knows of the last steps. */
  CopyState snapshot(List<Message.StepLoss> losses, List<List<Double>> norms);

  static Versions of(RunSpec spec, Spans numbers, float[] first, CopyState state) {
    return state.numbers() instanceof CopyState.Rows rows
        ? new TableCopy(spec, numbers, first, state, rows)
        : new DenseCopy(spec, numbers, state, (CopyState.Dense) state.numbers());
  }

  /** The version that is kept; -1: none. */
  long pinned();
}
