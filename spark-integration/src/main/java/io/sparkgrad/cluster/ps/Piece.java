package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.List;

/**
 * The dense numbers that a segment has of one parameter.
 *
 * @param parameter by its place in the run's specification
 * @param from the first of them, among those that are listed
 */
record Piece(int segment, int parameter, int from, int end) {

  /** Those of some dense numbers, ascending. */
  static List<Piece> of(RunSpec spec, Spans numbers) {
    List<Piece> pieces = new ArrayList<>();
    int length = spec.segments().length();
    int before = 0; // numbers listed
    for (Spans.Span s : numbers.spans()) {
      int begin = 0; // of the parameter
      for (int p = 0; p < spec.parameters().size(); begin += spec.parameters().get(p++)) {
        int end = Math.min(begin + spec.parameters().get(p), s.end());
        for (int at = Math.max(begin, s.from()); at < end; ) {
          int segment = at / length;
          int next = (int) Math.min(end, (segment + 1L) * length);
          pieces.add(new Piece(segment, p, before + at - s.from(), before + next - s.from()));
          at = next;
        }
      }
      before += s.length();
    }
    return pieces;
  }
}
