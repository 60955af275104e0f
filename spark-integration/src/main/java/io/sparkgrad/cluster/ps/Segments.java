package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts the flattened parameters into segments, the smallest pieces that executors hold: at most
 * 1/256 of the numbers and at most 4 MiB, but at least 4 KiB, however many executors there are.
 * Tables are cut between rows.
 *
 * @param numel count of numbers, at least 1
 * @param tables that are kept as rows, behind all other numbers
 */
record Segments(int numel, List<RowTable> tables) {
  static final int SMALLEST = 1 << 10; // numbers
  static final int LARGEST = 1 << 20; // numbers; also of what travels in one message
  private static final int PIECES = 256;

  Segments {
    if (numel < 1) throw new IllegalArgumentException("no numbers to cut: " + numel);
    for (int t = 0; t < tables.size(); t++) {
      int end = t + 1 < tables.size() ? tables.get(t + 1).from() : numel;
      if (tables.get(t).end() != end)
        throw new IllegalArgumentException(
            "tables that do not fill the end of %s numbers: %s".formatted(numel, tables));
    }
  }

  Segments(int numel) {
    this(numel, List.of());
  }

  /** Count of numbers that are not in tables. */
  int dense() {
    return tables.isEmpty() ? numel : tables.get(0).from();
  }

  /** Count of numbers in each segment but the last of a part, which may be shorter. */
  int length() {
    return Math.max(SMALLEST, Math.min(LARGEST, numel / PIECES));
  }

  private int rowsEach(RowTable t) {
    return Math.max(1, length() / t.width());
  }

  private static int pieces(int of, int each) {
    return (int) ((of + (long) each - 1) / each);
  }

  /** Count of segments that are no parts of tables: the first ones. */
  int denseCount() {
    return pieces(dense(), length());
  }

  int count() {
    int n = denseCount();
    for (RowTable t : tables) n += pieces(t.rows(), rowsEach(t));
    return n;
  }

  /** Whether a segment is a part of a table. */
  boolean isRows(int segment) {
    return segment >= denseCount();
  }

  /** The table that a segment is a part of. */
  int table(int segment) {
    int at = segment - denseCount();
    int t = 0;
    for (; at >= pieces(tables.get(t).rows(), rowsEach(tables.get(t))); t++)
      at -= pieces(tables.get(t).rows(), rowsEach(tables.get(t)));
    return t;
  }

  /** The segment of a row. */
  int of(int table, int row) {
    int first = denseCount();
    for (RowTable t : tables.subList(0, table)) first += pieces(t.rows(), rowsEach(t));
    return first + row / rowsEach(tables.get(table));
  }

  /** Where a segment's numbers begin. */
  private int start(int segment) {
    int at = segment - denseCount();
    if (at < 0) return Math.multiplyExact(segment, length());
    for (RowTable t : tables) {
      int n = pieces(t.rows(), rowsEach(t));
      if (at < n) return t.at(at * rowsEach(t));
      at -= n;
    }
    return numel;
  }

  /* The last one of the dense numbers may be shorter, so that the first of a table does not follow. */
  private int end(int segment) {
    return segment + 1 == denseCount() ? dense() : start(segment + 1);
  }

  /** The numbers of some segments. */
  Spans numbers(Spans segments) {
    List<Spans.Span> spans = new ArrayList<>();
    for (Spans.Span s : segments.spans())
      spans.add(new Spans.Span(start(s.from()), end(s.end() - 1)));
    return new Spans(spans);
  }

  /** The rows of some segments' tables among these. */
  List<TableRows> only(List<TableRows> rows, Spans segments) {
    List<TableRows> kept = new ArrayList<>();
    for (TableRows r : rows) {
      TableRows in = r.only(id -> segments.contains(of(r.table(), id)));
      if (in.ids().length > 0) kept.add(in);
    }
    return kept;
  }
}
