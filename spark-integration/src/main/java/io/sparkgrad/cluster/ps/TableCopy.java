package io.sparkgrad.cluster.ps;

import io.sparkgrad.optim.Optimizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * The weights of a chunk of tables, of the rows that were touched: the newest version, and of the
 * two before, and of one that is pinned, what was overwritten since.
 */
final class TableCopy implements Versions {
  private static final int UNDONE = 2; // versions
  private static final Floats NO_NUMBERS = Floats.of(new float[0]);

  private final RunSpec spec;
  private final Spans segments;
  private final List<TouchedRows> tables = new ArrayList<>(); // of the run, what is here
  private final long[] updates; // of each parameter of the run
  private long version;
  private final Deque<List<TableRows>> undone; // newest first: the rows that a step overwrote
  private long pinnedVersion;
  private List<TableRows> pinned; // overwritten since, by steps that are not in undone any more

  TableCopy(RunSpec spec, Spans numbers, float[] first, CopyState state, CopyState.Rows rows) {
    this.spec = spec;
    this.segments = state.segments();
    for (RowTable t : spec.tables())
      tables.add(new TouchedRows(t, numbers, first, spec.optimizer().slots().size()));
    for (TableRows r : rows.touched()) tables.get(r.table()).restore(r);
    this.updates = state.updates().stream().mapToLong(n -> n).toArray();
    this.version = state.version();
    this.undone = new ArrayDeque<>(rows.undone());
    this.pinnedVersion = state.pinnedVersion();
    this.pinned = rows.pinned();
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
    TouchedRows table = tables.get(g.table());
    int n = g.values().length;
    float[] w = new float[n];
    float[][] s = new float[spec.optimizer().slots().size()][n];
    table.read(g.ids(), 0, w);
    for (int i = 0; i < s.length; i++) table.read(g.ids(), 1 + i, s[i]);
    TableRows before = new TableRows(g.table(), g.ids(), w.clone());
    long update = updates[spec.parameters().size() + g.table()];
    Optimizer rule = rule(g);
    rule.step(w, 0, g.values(), 0, s, n, update, rule.rate(version));
    table.write(g.ids(), 0, w);
    for (int i = 0; i < s.length; i++) table.write(g.ids(), 1 + i, s[i]);
    return before;
  }

  @Override
  public Message.Weights weights(int chunk, long of, List<TableRows> named) {
    return new Message.Weights(spec.runId(), chunk, of, NO_NUMBERS, rows(of, named));
  }

  /** The values of named rows in a version that is held. */
  private List<TableRows> rows(long of, List<TableRows> named) {
    List<TableRows> found = new ArrayList<>();
    for (TableRows r : named) {
      float[] now = new float[r.ids().length * spec.tables().get(r.table()).width()];
      tables.get(r.table()).read(r.ids(), 0, now);
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
    List<TableRows> all = new ArrayList<>();
    for (int t = 0; t < tables.size(); t++) all.add(TableRows.named(t, tables.get(t).all()));
    List<TableRows> found = rows(of, all);
    float[] whole = new float[found.stream().mapToInt(r -> r.values().length).sum()];
    int at = 0;
    for (TableRows r : found) {
      System.arraycopy(r.values(), 0, whole, at, r.values().length);
      at += r.values().length;
    }
    return Floats.of(whole);
  }

  @Override
  public CopyState snapshot(List<Message.StepLoss> losses, List<List<Double>> norms) {
    List<TableRows> touched = new ArrayList<>();
    for (int t = 0; t < tables.size(); t++) {
      TableRows of = tables.get(t).copy(t);
      if (of.ids().length > 0) touched.add(of);
    }
    return new CopyState(
        segments,
        version,
        new CopyState.Rows(touched, List.copyOf(undone), pinned),
        Arrays.stream(updates).boxed().toList(),
        pinnedVersion,
        losses,
        norms);
  }
}
