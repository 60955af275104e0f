package io.sparkgrad.cluster.ps;

import java.util.List;

/**
 * Which numbers a chunk has, and what fits them: of whoever sends something wrong, before it is
 * counted. Thread-safe.
 */
final class ChunkLayout {
  private final RunSpec spec;
  private final Segments cut;
  private final Spans segments;
  private final Spans numbers;
  private final boolean isRows;
  private final int length; // of the dense numbers
  private final int inBuffers; // of them, the first ones
  private final int inMaxima; // of these, the first ones

  ChunkLayout(RunSpec spec, Spans segments) {
    this.spec = spec;
    this.cut = spec.segments();
    this.segments = segments;
    this.numbers = cut.numbers(segments);
    this.isRows = cut.isRows(segments.spans().get(0).from());
    this.length = isRows ? 0 : numbers.size();
    this.inBuffers = numbers.below(spec.inBuffers());
    this.inMaxima = numbers.below(spec.inMaxima());
  }

  Spans segments() {
    return segments;
  }

  Spans numbers() {
    return numbers;
  }

  /** Whether the chunk is of tables. */
  boolean isRows() {
    return isRows;
  }

  /** Count of the dense numbers; 0 of a chunk of tables. */
  int length() {
    return length;
  }

  /** Count of those of buffers, which come first. */
  int inBuffers() {
    return inBuffers;
  }

  /** Count of those that move by the largest change, which come before the others. */
  int inMaxima() {
    return inMaxima;
  }

  void check(PartialSum p) {
    if (p.node().end(spec.workers()) <= p.node().first())
      throw new IllegalArgumentException(p.node() + " is outside the workers");
    check(p.gradient());
    if (!Double.isFinite(p.lossSum()) || !Double.isFinite(p.denominator()))
      throw new IllegalArgumentException(
          "loss %s over %s is not finite".formatted(p.lossSum(), p.denominator()));
  }

  void check(Gradient g) {
    if (g.dense() != null && g.dense().length() != length)
      throw new IllegalArgumentException(
          "%s for the %s dense numbers of the segments %s".formatted(g.dense(), length, segments));
    if (g.present().length() > spec.parameterCount())
      throw new IllegalArgumentException(
          "gradients of the parameters %s, of %s".formatted(g.present(), spec.parameterCount()));
    checkRows(g.rows());
    for (TableRows r : g.rows())
      if (r.width() != spec.tables().get(r.table()).width())
        throw new IllegalArgumentException("%s with %s numbers each".formatted(r, r.width()));
  }

  void checkRows(List<TableRows> rows) {
    for (TableRows r : rows) {
      RowTable t = spec.tables().get(r.table());
      for (int id : r.ids())
        if (id >= t.rows() || !segments.contains(cut.of(r.table(), id)))
          throw new IllegalArgumentException(
              "row %s of table %s is not in the segments %s".formatted(id, r.table(), segments));
    }
  }

  /**
   * The mean gradient of a step. Rows that the loss does not count move buffers all the same, as
   * they do locally.
   *
   * @param into an array for its dense numbers
   */
  Gradient mean(PartialSum total, float[] into) {
    boolean none = total.denominator() == 0;
    if (none && inBuffers == 0) return Gradient.NONE;
    Gradient sum = none ? total.gradient().onlyFirst(spec.buffers()) : total.gradient();
    Gradient mean = sum.dividedBy(none ? 1 : total.denominator(), into);
    if (mean.dense() == null) return mean;
    Floats changes = sum.dense().slice(0, inBuffers);
    for (int i = 0; i < inBuffers; i++)
      mean.dense().array()[i] =
          i < inMaxima ? changes.at(i) : (float) ((double) changes.at(i) / total.count());
    return mean;
  }

  /** The text for a gradient that is not finite; null: it is. */
  String notFinite(Gradient mean, long step) {
    Floats dense = mean.dense();
    if (dense != null && !dense.areFinite())
      return notFinite(numbers.members()[firstBad(dense)], step);
    for (TableRows r : mean.rows()) {
      Floats values = Floats.of(r.values());
      if (values.areFinite()) continue;
      int bad = firstBad(values);
      int row = r.ids()[bad / r.width()];
      return notFinite(spec.tables().get(r.table()).at(row) + bad % r.width(), step);
    }
    return null;
  }

  private static int firstBad(Floats values) {
    int bad = 0;
    while (Float.isFinite(values.array()[values.from() + bad])) bad++;
    return bad;
  }

  private String notFinite(int number, long step) {
    return "the gradient of number %s of the parameters is not finite at step %s of %s (sum over all workers): lower the learning rate or look for a division by zero"
        .formatted(number, step, spec.totalSteps());
  }
}
