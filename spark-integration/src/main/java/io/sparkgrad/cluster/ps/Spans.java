package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;

/** A set of whole numbers as ascending spans with gaps between them. */
record Spans(List<Span> spans) {
  /** The numbers {@code [from, end)}. */
  record Span(int from, int end) {
    Span {
      if (from < 0 || end <= from)
        throw new IllegalArgumentException("no span: " + from + " to " + end);
    }

    int length() {
      return end - from;
    }

    @Override
    public String toString() {
      return length() == 1 ? "" + from : from + " to " + (end - 1);
    }
  }

  Spans {
    spans = List.copyOf(spans);
    for (int i = 1; i < spans.size(); i++)
      if (spans.get(i).from() <= spans.get(i - 1).end())
        throw new IllegalArgumentException("no ascending spans with gaps: " + spans);
  }

  static Spans of(BitSet set) {
    List<Span> spans = new ArrayList<>();
    for (int from = set.nextSetBit(0); from >= 0; ) {
      int end = set.nextClearBit(from);
      spans.add(new Span(from, end));
      from = set.nextSetBit(end);
    }
    return new Spans(spans);
  }

  /** All members, ascending. */
  int[] members() {
    int[] all = new int[size()];
    int n = 0;
    for (Span s : spans) for (int i = s.from(); i < s.end(); i++) all[n++] = i;
    return all;
  }

  /** Count of members. */
  int size() {
    long n = 0;
    for (Span s : spans) n += s.length();
    return Math.toIntExact(n);
  }

  /** The place of a member among all, ascending. */
  int indexOf(int member) {
    int before = 0;
    for (Span s : spans) {
      if (member < s.end()) return before + member - s.from();
      before += s.length();
    }
    throw new IndexOutOfBoundsException(member + " is not among " + this);
  }

  /** Count of members below a number. */
  int below(int end) {
    int n = 0;
    for (Span s : spans) n += Math.max(0, Math.min(s.end(), end) - s.from());
    return n;
  }

  boolean contains(int i) {
    return spans.stream().anyMatch(s -> s.from() <= i && i < s.end());
  }

  /** The members of a flat array, in order: a view where they are one span. */
  Floats gather(Floats flat) {
    if (spans.size() == 1) return flat.slice(spans.get(0).from(), spans.get(0).length());
    float[] to = new float[size()];
    int at = 0;
    for (Span s : spans) {
      System.arraycopy(flat.array(), flat.from() + s.from(), to, at, s.length());
      at += s.length();
    }
    return Floats.of(to);
  }

  /** The inverse of {@link #gather}. */
  void scatter(Floats values, float[] flat) {
    int at = values.from();
    for (Span s : spans) {
      System.arraycopy(values.array(), at, flat, s.from(), s.length());
      at += s.length();
    }
  }

  @Override
  public String toString() {
    return spans.stream().map(Span::toString).collect(Collectors.joining(", "));
  }
}
