package io.sparkgrad.cluster.ps;

import java.util.Arrays;
import java.util.List;

/**
 * How the sums are added that rules with norms go by: piece after piece of all numbers, whoever
 * holds them, so that the bits depend on the run's specification alone. A table has one piece a
 * segment.
 */
final class Norms {
  /** What is measured in a step, one after the other. */
  enum Kind {
    /** Of each piece the squares of its gradient; added over all pieces. */
    GRADIENT(1),
    /** Of each piece the squares of its weights, and of its step; added over each parameter. */
    LAYERS(2);

    /** Sums of a piece. */
    final int sums;

    Kind(int sums) {
      this.sums = sums;
    }

    /** Count of the numbers that they are added to. */
    int totals(int parameters) {
      return this == GRADIENT ? 1 : sums * parameters;
    }
  }

  private final int parameters;
  private final int[] parameter; // of each piece
  private final int[] first; // piece of each segment, and their count

  Norms(RunSpec spec) {
    Segments cut = spec.segments();
    List<Piece> dense = Piece.of(spec, new Spans(List.of(new Spans.Span(0, cut.dense()))));
    int denseSegments = cut.denseCount();
    this.parameters = spec.parameterCount();
    this.parameter = new int[dense.size() + cut.count() - denseSegments];
    this.first = new int[cut.count() + 1];
    int n = 0;
    for (Piece p : dense) {
      first[p.segment() + 1] = n + 1;
      parameter[n++] = p.parameter();
    }
    for (int s = denseSegments; s < cut.count(); s++) {
      parameter[n] = spec.parameters().size() + cut.table(s);
      first[s + 1] = ++n;
    }
  }

  /** Of a kind, the count of sums of some segments. */
  int count(Kind kind, Spans segments) {
    int n = 0;
    for (Spans.Span s : segments.spans()) n += first[s.end()] - first[s.from()];
    return n * kind.sums;
  }

  /** The sums of all pieces, as they come in. */
  final class Collected {
    private final Kind kind;
    private final double[] sums; // NaN: not there
    private int missing;

    Collected(Kind kind) {
      this.kind = kind;
      this.sums = new double[parameter.length * kind.sums];
      this.missing = sums.length;
      Arrays.fill(sums, Double.NaN);
    }

    /** Takes in the sums of some segments, piece after piece. */
    void add(Spans segments, List<Double> of) {
      int from = 0;
      for (Spans.Span s : segments.spans())
        for (int i = first[s.from()] * kind.sums; i < first[s.end()] * kind.sums; i++) {
          if (Double.isNaN(sums[i])) missing--;
          sums[i] = of.get(from++);
        }
    }

    boolean isComplete() {
      return missing == 0;
    }

    /** Added up: one number, or two of each parameter. */
    List<Double> total() {
      Double[] total = new Double[kind.totals(parameters)];
      Arrays.fill(total, 0.0);
      for (int i = 0; i < sums.length; i++) {
        int of = kind == Kind.GRADIENT ? 0 : parameter[i / kind.sums];
        total[of * kind.sums + i % kind.sums] += sums[i];
      }
      return List.of(total);
    }
  }
}
