package io.sparkgrad.cluster.ps;

import io.sparkgrad.optim.Optimizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * The weights of a chunk of tables: the newest version, and of the two before, and of one that is
 * pinned, what was overwritten since.
 */
final class TableCopy implements Versions {
  private static final int UNDONE = 2; // versions
  private static final Floats NO_NUMBERS = Floats.of(new float[0]);

  private final RunSpec spec;
  private final List<RowTable> tables;
  private final Spans segments;
  private final Spans numbers;
  private final float[] weights;
  private final float[][] slots;
  private final long[] updates; // of each parameter of the run
  private long version;
  private final Deque<List<TableRows>> undone; // newest first: the rows that a step overwrote
  private long pinnedVersion;
  private List<TableRows> pinned; // overwritten since, by steps that are not in undone any more

  TableCopy(RunSpec spec, Spans numbers, CopyState state) {
    this.segments = state.segments();
    int length = numbers.size();
    this.spec = spec;
    this.tables = spec.tables();
    this.numbers = numbers;
    this.weights = state.weights().get(0).whole(length);
    this.slots = state.slots().stream().map(s -> s.whole(length)).toArray(float[][]::new);
    this.updates = state.updates().stream().mapToLong(n -> n).toArray();
    this.version = state.version();
    this.undone = new ArrayDeque<>(state.undone());
    this.pinnedVersion = state.pinnedVersion();
    this.pinned = state.pinnedRows();
  }

  @Override
  public long version() {
    return version;
  }

  @Override
  public boolean holds(long of) {
    return of == pinnedVersion || of <= version && of >= version - undone.size();
  }

  @Override
  public long pinned() {
    return pinnedVersion;
  }

  @Override
  public void pin(long keep) {
    pinnedVersion = keep;
    pinned = List.of();
  }

  /* Of its gradients alone: layer-wise rules take no rows. */
  @Override
  public List<Double> measure(Norms.Kind kind, Gradient mean) {
    double[] sums = new double[segments.size()];
    for (TableRows r : mean.rows()) {
      if (rule(r).isFrozen()) continue;
      for (int i = 0; i < r.values().length; i++) {
        int segment = spec.segments().of(r.table(), r.ids()[i / r.width()]);
        sums[segments.indexOf(segment)] += (double) r.values()[i] * r.values()[i];
      }
    }
    return Arrays.stream(sums).boxed().toList();
  }

  @Override
  public void apply(Gradient mean, List<Double> layers) {
    BitSet present = mean.present();
    for (int p = present.nextSetBit(0); p >= 0; p = present.nextSetBit(p + 1)) updates[p]++;
    List<TableRows> before = new ArrayList<>();
    for (TableRows g : mean.rows()) if (!rule(g).isFrozen()) before.add(step(g));
    undone.addFirst(before);
    version++;
    if (undone.size() > UNDONE) {
      List<TableRows> oldest = undone.removeLast();
      long madeFrom = version - UNDONE - 1;
      if (pinnedVersion >= 0 && pinnedVersion <= madeFrom) pinned = TableRows.union(pinned, oldest);
    }
  }

  private Optimizer rule(TableRows of) {
    return spec.rule(spec.parameters().size() + of.table());
  }

  /** Steps some rows, which are gathered for it and brought back; returns them as they were. */
  private TableRows step(TableRows g) {
    int n = g.values().length;
    float[] w = new float[n];
    float[][] s = new float[slots.length][n];
    gather(g, weights, w);
    for (int i = 0; i < s.length; i++) gather(g, slots[i], s[i]);
    TableRows before = new TableRows(g.table(), g.ids(), w.clone());
    long update = updates[spec.parameters().size() + g.table()];
    Optimizer rule = rule(g);
    rule.step(w, 0, g.values(), 0, s, n, update, rule.rate(version));
    scatter(g.table(), g.ids(), w, weights);
    for (int i = 0; i < s.length; i++) scatter(g.table(), g.ids(), s[i], slots[i]);
    return before;
  }

  private void gather(TableRows of, float[] from, float[] to) {
    int width = tables.get(of.table()).width();
    int at = 0;
    for (int id : of.ids()) {
      System.arraycopy(from, place(of.table(), id), to, at, width);
      at += width;
    }
  }

  private void scatter(int table, int[] ids, float[] from, float[] to) {
    int width = tables.get(table).width();
    int at = 0;
    for (int id : ids) {
      System.arraycopy(from, at, to, place(table, id), width);
      at += width;
    }
  }

  private int place(int table, int id) {
    return numbers.indexOf(tables.get(table).at(id));
  }

  @Override
  public Message.Weights weights(int chunk, long of, List<TableRows> named) {
    return new Message.Weights(spec.runId(), chunk, of, NO_NUMBERS, rows(of, named));
  }

  /** The values of named rows in a version that is held. */
  private List<TableRows> rows(long of, List<TableRows> named) {
    List<TableRows> found = new ArrayList<>();
    for (TableRows r : named) {
      float[] now = new float[r.ids().length * tables.get(r.table()).width()];
      gather(r, weights, now);
      found.add(new TableRows(r.table(), r.ids(), now));
    }
    for (List<TableRows> old : since(of)) found = overwritten(found, old);
    return found;
  }

  /* A step's rows as they were before it, over those that a later version shows. */
  private static List<TableRows> overwritten(List<TableRows> found, List<TableRows> old) {
    List<TableRows> kept = new ArrayList<>();
    for (TableRows f : found) {
      List<TableRows> of = old.stream().filter(o -> o.table() == f.table()).toList();
      if (!of.isEmpty()) of.get(0).copyTo(f);
      kept.add(f);
    }
    return kept;
  }

  /** What was overwritten since a version, the last step's rows first. */
  private List<List<TableRows>> since(long of) {
    List<List<TableRows>> steps = new ArrayList<>();
    long at = version;
    for (List<TableRows> old : undone) if (at-- > of) steps.add(old);
    if (of == pinnedVersion) steps.add(pinned);
    return steps;
  }

  @Override
  public Floats whole(long of) {
    float[] all = weights.clone();
    for (List<TableRows> old : since(of))
      for (TableRows r : old) scatter(r.table(), r.ids(), r.values(), all);
    return Floats.of(all);
  }

  @Override
  public CopyState snapshot(Spans segments, List<Message.StepLoss> losses) {
    List<Floats> state = new ArrayList<>();
    for (float[] s : slots) state.add(Floats.of(s.clone()));
    return new CopyState(
        segments,
        version,
        List.of(Floats.of(weights.clone())),
        state,
        Arrays.stream(updates).boxed().toList(),
        pinnedVersion,
        null,
        losses,
        List.copyOf(undone),
        pinned,
        List.of());
  }
}
