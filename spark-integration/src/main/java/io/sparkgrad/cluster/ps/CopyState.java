package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Everything that makes a copy of some segments: any copy with the same version has the same bits.
 *
 * @param version of the newest weights
 * @param updates how often each parameter of the run was stepped
 * @param pinnedVersion the version that may be the run's result; -1: none
 * @param losses of the steps that the coordinator may not know yet, where segment 0 is among them
 * @param norms of the last steps, newest first: the totals that they went by, of a rule with norms
 */
record CopyState(
    Spans segments,
    long version,
    Numbers numbers,
    List<Long> updates,
    long pinnedVersion,
    List<Message.StepLoss> losses,
    List<List<Double>> norms) {

  /** The weights of its versions and the optimizer's state at the newest. */
  sealed interface Numbers {
    /** As much memory as so many floats take. */
    long floats();
  }

  /**
   * Numbers that are not in tables.
   *
   * @param weights of the last versions, newest first: one to three
   * @param pinned the weights of the pinned version; null: none
   */
  record Dense(List<Floats> weights, List<Floats> slots, Floats pinned) implements Numbers {
    Dense slice(int at, int length) {
      return new Dense(
          weights.stream().map(w -> w.slice(at, length)).toList(),
          slots.stream().map(s -> s.slice(at, length)).toList(),
          pinned == null ? null : pinned.slice(at, length));
    }

    /** Parts one behind the other, of the same versions. */
    static Dense join(List<Dense> parts) {
      Dense first = parts.get(0);
      return new Dense(
          join(parts, first.weights.size(), Dense::weights),
          join(parts, first.slots.size(), Dense::slots),
          first.pinned == null ? null : join(parts, 1, p -> List.of(p.pinned)).get(0));
    }

    private static List<Floats> join(
        List<Dense> parts, int count, Function<Dense, List<Floats>> of) {
      List<Floats> joined = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int length = 0;
        for (Dense p : parts) length += of.apply(p).get(i).length();
        float[] to = new float[length];
        int at = 0;
        for (Dense p : parts) {
          Floats from = of.apply(p).get(i);
          System.arraycopy(from.array(), from.from(), to, at, from.length());
          at += from.length();
        }
        joined.add(Floats.of(to));
      }
      return joined;
    }

    @Override
    public long floats() {
      return (weights.size() + slots.size() + 1L) * weights.get(0).length();
    }
  }

  /**
   * Numbers of tables: the newest version and what was overwritten before it.
   *
   * @param touched the rows that were ever stepped, each with its weights and the optimizer's slots
   * @param undone the rows that the last steps overwrote, newest first
   * @param pinned the rows overwritten since the pinned version, by older steps
   */
  record Rows(List<TableRows> touched, List<List<TableRows>> undone, List<TableRows> pinned)
      implements Numbers {
    static final Rows NONE = new Rows(List.of(), List.of(), List.of());

    Rows only(Segments cut, Spans segments) {
      return new Rows(
          cut.only(touched, segments),
          undone.stream().map(rows -> cut.only(rows, segments)).toList(),
          cut.only(pinned, segments));
    }

    /** Parts of the same versions. */
    static Rows join(List<Rows> parts) {
      List<List<TableRows>> undone = new ArrayList<>();
      for (int i = 0; i < parts.get(0).undone.size(); i++) {
        int step = i;
        undone.add(union(parts, p -> p.undone.get(step)));
      }
      return new Rows(union(parts, Rows::touched), undone, union(parts, Rows::pinned));
    }

    private static List<TableRows> union(List<Rows> parts, Function<Rows, List<TableRows>> of) {
      List<TableRows> joined = List.of();
      for (Rows p : parts) joined = TableRows.union(joined, of.apply(p));
      return joined;
    }

    @Override
    public long floats() {
      long n = TableRows.floats(touched) + TableRows.floats(pinned);
      for (List<TableRows> rows : undone) n += TableRows.floats(rows);
      return n;
    }
  }

  /** The same copy of other segments, or with other numbers. */
  CopyState with(Spans segments, Numbers numbers, List<Message.StepLoss> losses) {
    return new CopyState(segments, version, numbers, updates, pinnedVersion, losses, norms);
  }
}
