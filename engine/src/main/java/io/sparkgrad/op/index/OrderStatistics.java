package io.sparkgrad.op.index;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Ops;

/**
 * Elements chosen by their order in a line. Of equal ones it is the one that PyTorch chooses on a
 * CPU, whose gradient it is, too: hence the very steps of its selections, Hoare's quickselect and
 * C++'s sort and nth_element, which are not stable. They run on the CPU, for a GPU's tensor, too.
 */
final class OrderStatistics {
  /* Shorter parts are sorted by insertion. */
  private static final int SHORT = 16;
  /* Of lines so many times longer than what is chosen PyTorch makes a heap. */
  private static final int HEAP = 64;

  /** Compares the elements at two places of a line: whether one comes before, or is the same. */
  private interface Relation {
    boolean holds(int a, int b);
  }

  /** Chooses from a line of elements places in it, from {@code at} on. */
  private interface Choice {
    void choose(OrderStatistics line, long[] chosen, int at);
  }

  private enum Kind {
    /** NaN last. */
    ASCENDING,
    /** NaN first. */
    DESCENDING,
    /** NaN nowhere. */
    LESS
  }

  private final int[] places;
  private final Relation order;
  private final Relation same;

  private OrderStatistics(int n, Relation order, Relation same) {
    this.order = order;
    this.same = same;
    places = new int[n];
    for (int i = 0; i < n; i++) places[i] = i;
  }

  /** Whether {@link #topk} chooses of lines of n elements as PyTorch does. */
  static boolean servesTopk(Tensor x, int n, int k) {
    return !x.device().isCuda() && (long) k * HEAP > n;
  }

  /** Where the k largest or smallest elements along a dimension are, in order. */
  static Tensor topk(Tensor x, int dim, int k, boolean largest) {
    return each(
        x,
        dim,
        k,
        largest ? Kind.DESCENDING : Kind.ASCENDING,
        (line, chosen, at) -> {
          line.bringToPlace(k - 1);
          line.sort(0, k - 1);
          for (int i = 0; i < k; i++) chosen[at + i] = line.places[i];
        });
  }

  /** Where the element is that k others come before, the dimension kept as 1. */
  static Tensor kth(Tensor x, int dim, int k) {
    return each(x, dim, 1, Kind.ASCENDING, (line, chosen, at) -> chosen[at] = line.quickselect(k));
  }

  /** Where the last one of the most frequent elements is, the dimension kept as 1. */
  static Tensor mode(Tensor x, int dim) {
    return each(
        x,
        dim,
        1,
        Kind.LESS,
        (line, chosen, at) -> {
          line.sort(0, line.places.length);
          chosen[at] = line.endOfLongestRun();
        });
  }

  private static Tensor each(Tensor x, int dim, int count, Kind kind, Choice choice) {
    int d = Shape.dim(dim, x.dim());
    Tensor lines = Ops.copy(x.detach().movedim(d, -1));
    int n = x.shape()[d];
    int[] shape = lines.shape().clone();
    shape[shape.length - 1] = count;
    long[] chosen = new long[Shape.numel(shape)];
    boolean whole = !x.dtype().isFloatingPoint();
    double[] floats = whole ? null : lines.toDoubles();
    long[] longs = whole ? lines.toLongs() : null;
    for (int line = 0; line * count < chosen.length && count > 0; line++) {
      int from = line * n;
      Relation order = whole ? order(longs, from, kind) : order(floats, from, kind);
      Relation same =
          whole
              ? (a, b) -> longs[from + a] == longs[from + b]
              : (a, b) -> floats[from + a] == floats[from + b];
      choice.choose(new OrderStatistics(n, order, same), chosen, line * count);
    }
    return Ops.copy(Tensor.of(chosen, shape).movedim(-1, d)).to(x.device());
  }

  private static Relation order(double[] v, int from, Kind kind) {
    return switch (kind) {
      case LESS -> (a, b) -> v[from + a] < v[from + b];
      case ASCENDING -> (a, b) -> less(v[from + a], v[from + b]);
      case DESCENDING -> (a, b) -> less(v[from + b], v[from + a]);
    };
  }

  /* NaN is the largest. */
  private static boolean less(double a, double b) {
    return a < b || a == a && b != b;
  }

  private static Relation order(long[] v, int from, Kind kind) {
    return kind == Kind.DESCENDING
        ? (a, b) -> v[from + a] > v[from + b]
        : (a, b) -> v[from + a] < v[from + b];
  }

  private boolean before(int i, int k) {
    return order.holds(places[i], places[k]);
  }

  private void swap(int i, int k) {
    int t = places[i];
    places[i] = places[k];
    places[k] = t;
  }

  // ---- Hoare's selection, the median of three as the pivot

  private int quickselect(int k) {
    int first = 0;
    int last = places.length - 1;
    while (last > first + 1) {
      pivotFirst(first, last);
      int i = first + 1;
      int j = last;
      while (true) {
        do i++;
        while (before(i, first));
        do j--;
        while (before(first, j));
        if (j < i) break;
        swap(i, j);
      }
      swap(first, j);
      if (j <= k) first = i;
      if (j >= k) last = j - 1;
    }
    if (last == first + 1 && before(last, first)) swap(first, last);
    return places[k];
  }

  private void pivotFirst(int first, int last) {
    swap(first + (last - first) / 2, first + 1);
    if (before(last, first + 1)) swap(first + 1, last);
    if (before(last, first)) swap(first, last);
    if (before(first, first + 1)) swap(first + 1, first);
  }

  // ---- what C++'s nth_element and sort do

  private void bringToPlace(int k) {
    int first = 0;
    int end = places.length;
    while (end - first > 3) {
      int cut = partition(first, end);
      if (cut <= k) first = cut;
      else end = cut;
    }
    insert(first, end);
  }

  private void sort(int first, int end) {
    cut(first, end);
    int sorted = Math.min(end, first + SHORT);
    insert(first, sorted);
    for (int i = sorted; i < end; i++) moveBack(i);
  }

  /* Until parts are short, each before the next. */
  private void cut(int first, int end) {
    for (int rest = end; rest - first > SHORT; ) {
      int cut = partition(first, rest);
      cut(cut, rest);
      rest = cut;
    }
  }

  private int partition(int first, int end) {
    swap(first, middle(first + 1, first + (end - first) / 2, end - 1));
    int i = first + 1;
    int k = end;
    while (true) {
      while (before(i, first)) i++;
      do k--;
      while (before(first, k));
      if (i >= k) return i;
      swap(i++, k);
    }
  }

  private int middle(int a, int b, int c) {
    if (before(a, b)) return before(b, c) ? b : before(a, c) ? c : a;
    return before(a, c) ? a : before(b, c) ? c : b;
  }

  private void insert(int first, int end) {
    for (int i = first + 1; i < end; i++) {
      if (!before(i, first)) {
        moveBack(i);
        continue;
      }
      int place = places[i];
      System.arraycopy(places, first, places, first + 1, i - first);
      places[first] = place;
    }
  }

  private void moveBack(int i) {
    int place = places[i];
    int k = i;
    for (; order.holds(place, places[k - 1]); k--) places[k] = places[k - 1];
    places[k] = place;
  }

  private int endOfLongestRun() {
    int best = 0;
    int longest = 0;
    for (int i = 0, run = 1; i < places.length; i++, run++) {
      boolean ends = i == places.length - 1 || !same.holds(places[i], places[i + 1]);
      if (!ends) continue;
      if (run > longest) best = places[i];
      longest = Math.max(longest, run);
      run = 0;
    }
    return best;
  }
}
