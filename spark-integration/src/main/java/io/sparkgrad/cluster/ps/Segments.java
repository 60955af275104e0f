package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts the flattened parameters into segments, the smallest pieces that executors hold: at most
 * 1/256 of the numbers and at most 4 MiB, but at least 4 KiB, however many executors there are.
 *
 * @param numel count of numbers, at least 1
 */
record Segments(int numel) {
  static final int SMALLEST = 1 << 10; // numbers
  static final int LARGEST = 1 << 20; // numbers; also of what travels in one message
  private static final int PIECES = 256;

  Segments {
    if (numel < 1) throw new IllegalArgumentException("no numbers to cut: " + numel);
  }

  /** Count of numbers in each segment but the last, which may be shorter. */
  int length() {
    return Math.max(SMALLEST, Math.min(LARGEST, numel / PIECES));
  }

  int count() {
    return (int) ((numel + (long) length() - 1) / length());
  }

  /** The numbers of some segments. */
  Spans numbers(Spans segments) {
    List<Spans.Span> spans = new ArrayList<>();
    for (Spans.Span s : segments.spans())
      spans.add(
          new Spans.Span(
              Math.multiplyExact(s.from(), length()),
              (int) Math.min(numel, (long) s.end() * length())));
    return new Spans(spans);
  }
}
