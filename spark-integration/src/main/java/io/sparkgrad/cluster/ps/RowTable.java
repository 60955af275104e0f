package io.sparkgrad.cluster.ps;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A table of which a step moves only the rows that it looks up.
 *
 * @param from where its numbers begin among all parameters; tables lie one behind the other, last
 * @param rows count of rows
 * @param width numbers of a row
 */
public record RowTable(int from, int rows, int width) implements Serializable {
  public RowTable {
    if (from < 0 || rows < 1 || width < 1)
      throw new IllegalArgumentException(
          "no table: %s rows of %s numbers from %s".formatted(rows, width, from));
  }

  /** Where the numbers end. */
  int end() {
    return Math.addExact(from, Math.multiplyExact(rows, width));
  }

  /** Where the numbers of a row begin. */
  int at(int row) {
    return from + row * width;
  }

  /** The rows among some numbers, which cut none in two. */
  Spans rowsIn(Spans numbers) {
    List<Spans.Span> rows = new ArrayList<>();
    for (Spans.Span s : numbers.spans()) {
      int begin = Math.max(s.from(), from);
      int end = Math.min(s.end(), end());
      if (begin < end) rows.add(new Spans.Span((begin - from) / width, (end - from) / width));
    }
    return new Spans(rows);
  }
}
