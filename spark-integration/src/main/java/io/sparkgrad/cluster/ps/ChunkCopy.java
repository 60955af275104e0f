package io.sparkgrad.cluster.ps;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * An executor's copy of a chunk: its last three versions, the optimizer's state and, in an open
 * epoch, the sum of the current step and the replies that wait. Thread-safe.
 */
class ChunkCopy {
  /* Version v is the weights with which step v starts. What a copy holds at a version depends on the version alone, so
   * any copy may go on for any other: no role, epoch or history makes a difference.
   *
   * Siblings are added outside the lock, by the thread that brings them; the step is taken under it, by the thread that
   * brought the last one, and only if no fence voided the sum meanwhile.
   *
   * Versions leave by reference. The array of version v is written again when version v+4 is made: then everybody has
   * pushed step v+3, so everybody has read v. A pinned array stays out of the rotation.
   *
   * A reply with version v waits until the backup has version v-1. So whoever computes step v knows that every copy has
   * v-1, no copy is more than two versions behind another, and three versions are enough to go on after any loss. */
  private static final long NONE = -1;
  private static final int VERSIONS = 3;
  private static final Floats NO_NUMBERS = Floats.of(new float[0]);

  private final RunSpec spec;
  private final Spans segments;
  private final Spans numbers;
  private final int length;

  private long version;
  private final float[][] weights = new float[VERSIONS][]; // newest first
  private float[] spare; // null: none
  private final float[][] slots;
  private long pinnedVersion;
  private float[] pinned; // null: none
  private final TableCopy table; // has the weights of tables instead; null: the chunk is dense
  private final boolean reports; // holds segment 0
  private final List<Message.StepLoss> losses;
  private long reported;

  private long epoch = NONE; // open here; NONE: none
  private Chunk chunk; // of the epoch
  private boolean primary;
  private TreeSum sum; // at the primary
  private long pin; // what the pushes of this step ask to keep
  private List<Parked> parked = new ArrayList<>();
  private long backedUp; // the backup's version
  private final Deque<Message.Forward> forwards = new ArrayDeque<>(); // not acknowledged
  private boolean forwarding; // the first of them is on its way
  private String aborted;

  /**
   * A reply that waits.
   *
   * @param rows that are wanted, of tables; null: everything
   */
  private record Parked(long version, List<TableRows> rows, Transport.Reply reply) {}

  ChunkCopy(RunSpec spec, CopyState state) {
    this.spec = spec;
    this.segments = state.segments();
    this.numbers = spec.segments().numbers(segments);
    this.length = numbers.size();
    this.version = state.version();
    boolean rows = spec.segments().isRows(segments.spans().get(0).from());
    for (int i = 0; i < state.weights().size(); i++) weights[i] = array(state.weights().get(i));
    this.table = rows ? table(state) : null;
    this.slots = state.slots().stream().map(this::array).toArray(float[][]::new);
    this.pinnedVersion = state.pinnedVersion();
    this.pinned = state.pinned() == null ? null : array(state.pinned());
    this.reports = segments.contains(0);
    this.losses = new ArrayList<>(state.losses());
    if (state.weights().size() > VERSIONS || slots.length != spec.optimizer().slots().size())
      throw new IllegalArgumentException(
          "a copy of %s versions and %s slots"
              .formatted(state.weights().size(), state.slots().size()));
  }

  private TableCopy table(CopyState s) {
    return new TableCopy(
        spec, numbers, weights[0], version, s.undone(), s.pinnedVersion(), s.pinnedRows());
  }

  private float[] array(Floats values) {
    if (values.length() != length)
      throw new IllegalArgumentException(
          "%s for the %s numbers of the segments %s".formatted(values, length, segments));
    return values.from() == 0 && values.array().length == length ? values.array() : values.gather();
  }

  Spans segments() {
    return segments;
  }

  synchronized long version() {
    return version;
  }

  /** Everything that is held, copied. */
  synchronized CopyState snapshot() {
    List<Floats> versions = new ArrayList<>();
    for (float[] w : weights) if (w != null) versions.add(Floats.of(w.clone()));
    List<Floats> state = new ArrayList<>();
    for (float[] s : slots) state.add(Floats.of(s.clone()));
    Floats kept = pinned == null ? null : Floats.of(pinned.clone());
    return new CopyState(
        segments,
        version,
        versions,
        state,
        pinnedVersion,
        kept,
        List.copyOf(losses),
        table == null ? List.of() : table.undone(),
        table == null ? List.of() : table.pinned());
  }

  /** Takes part in an epoch, as its primary or its backup. */
  synchronized void open(long epoch, Chunk chunk, boolean primary) {
    this.epoch = epoch;
    this.chunk = chunk;
    this.primary = primary;
    backedUp = chunk.backup() == null ? Long.MAX_VALUE : version;
    pin = NONE;
    sum = newSum();
  }

  private TreeSum newSum() {
    return new TreeSum(spec.workers(), freed -> {});
  }

  /** Ends the epoch: voids the open step and tells those who wait. */
  synchronized void fence(long by, Outbox out) {
    epoch = NONE;
    sum = null;
    forwards.clear();
    forwarding = false;
    for (Parked p : parked) out.send(p.reply(), new Message.Stale(spec.runId(), by));
    parked.clear();
  }

  /**
   * Ends the run here, for this reason. Peers hear no more than that the epoch is over: the
   * coordinator tells them whether the run failed, or goes on without this executor.
   */
  synchronized void abort(String text, Outbox out) {
    aborted = text;
    fence(epoch, out);
  }

  /**
   * Adds to the current step; parks the reply until the next version is there.
   *
   * @return whether this finished the step, or the run: see {@link #aborted}
   */
  boolean push(Message.Push m, Transport.Reply reply, Outbox out) {
    TreeSum into;
    synchronized (this) {
      if (refused(m.epoch(), true, reply, out)) return false;
      check(m);
      if (m.step() < version && !holds(m.step() + 1)) { // a duplicate: its sender went on
        out.send(reply, new Message.Ack(spec.runId()));
        return false;
      }
      parked.add(new Parked(m.step() + 1, m.next(), reply));
      if (m.step() < version) { // counted already
        release(out);
        return false;
      }
      pin = Math.max(pin, m.pin());
      into = sum;
    }
    boolean finished = false;
    try {
      for (PartialSum p : m.nodes()) if (into.add(p)) finished = finish(into, out);
    } catch (RuntimeException e) { // the reply is parked: who waits for the step must hear of it
      abort("step %s of the segments %s: %s".formatted(m.step(), segments, e), out);
      return true;
    }
    return finished;
  }

  /** Whether the copy takes no messages of this epoch, or none of this kind; then it answered. */
  private boolean refused(long of, boolean asPrimary, Transport.Reply reply, Outbox out) {
    if (of == epoch && asPrimary == primary) return false;
    out.send(reply, new Message.Stale(spec.runId(), epoch));
    return true;
  }

  /* Before anything is claimed: what is claimed and cannot be added would hang the step. */
  private void check(Message.Push m) {
    if (m.step() > version)
      throw new IllegalArgumentException(
          "push for step %s of the segments %s, which are at step %s"
              .formatted(m.step(), segments, version));
    for (PartialSum p : m.nodes()) {
      if (p.node().end(spec.workers()) <= p.node().first())
        throw new IllegalArgumentException(p.node() + " is outside the workers");
      if (table != null) checkRows(p);
      else if (!p.rows().isEmpty())
        throw new IllegalArgumentException("rows for the dense segments " + segments);
      if (p.sum() != null && (table != null || p.sum().length() != length))
        throw new IllegalArgumentException(
            "%s for the %s numbers of the segments %s".formatted(p.sum(), length, segments));
      if (!Double.isFinite(p.lossSum()) || !Double.isFinite(p.denominator()))
        throw new IllegalArgumentException(
            "loss %s over %s is not finite".formatted(p.lossSum(), p.denominator()));
    }
  }

  private void checkRows(PartialSum p) {
    checkRows(p.rows());
    for (TableRows r : p.rows())
      if (r.width() != spec.tables().get(r.table()).width())
        throw new IllegalArgumentException("%s with %s numbers each".formatted(r, r.width()));
  }

  private void checkRows(List<TableRows> rows) {
    Segments cut = spec.segments();
    for (TableRows r : rows) {
      RowTable t = spec.tables().get(r.table());
      for (int id : r.ids())
        if (id >= t.rows() || !segments.contains(cut.of(r.table(), id)))
          throw new IllegalArgumentException(
              "row %s of table %s is not in the segments %s".formatted(id, r.table(), segments));
    }
  }

  private synchronized boolean finish(TreeSum into, Outbox out) {
    if (into != sum) return false; // voided meanwhile
    PartialSum total = into.nodes().get(0);
    boolean none = total.denominator() == 0;
    Floats mean = none || table != null ? null : mean(total);
    List<TableRows> rows =
        none
            ? List.of()
            : total.rows().stream().map(r -> r.dividedBy(total.denominator())).toList();
    String broken = notFinite(mean, rows);
    if (broken != null) {
      abort(broken, out);
      return true;
    }
    Message.StepLoss loss = new Message.StepLoss(version, total.lossSum(), total.denominator());
    long keep = pin;
    apply(mean, rows, keep, loss);
    if (chunk.backup() != null) {
      Floats copy = mean == null ? null : Floats.of(mean.gather());
      forwards.add(
          new Message.Forward(
              spec.runId(), epoch, chunk.primary(), chunk.id(), keep, copy, rows, loss, reported));
    }
    sum = newSum();
    release(out);
    return true;
  }

  /** The text for a gradient that is not finite; null: it is. */
  private String notFinite(Floats mean, List<TableRows> rows) {
    if (mean != null && !mean.areFinite()) return notFinite(numbers.members()[firstBad(mean)]);
    for (TableRows r : rows) {
      Floats values = Floats.of(r.values());
      if (values.areFinite()) continue;
      int bad = firstBad(values);
      int row = r.ids()[bad / r.width()];
      return notFinite(spec.tables().get(r.table()).at(row) + bad % r.width());
    }
    return null;
  }

  private static int firstBad(Floats values) {
    int bad = 0;
    while (Float.isFinite(values.array()[values.from() + bad])) bad++;
    return bad;
  }

  private String notFinite(int number) {
    return "the gradient of number %s of the parameters is not finite at step %s of %s (sum over all workers): lower the learning rate or look for a division by zero"
        .formatted(number, version, spec.totalSteps());
  }

  /** The text that ended the run here; null: none. */
  synchronized String aborted() {
    return aborted;
  }

  private Floats mean(PartialSum total) {
    Floats g = total.sum() == null ? Floats.of(new float[length]) : total.sum();
    g.divide(total.denominator());
    return g;
  }

  /** Makes the next version. */
  private void apply(Floats mean, List<TableRows> rows, long keep, Message.StepLoss loss) {
    pin(keep);
    if (table == null) apply(mean);
    else table.apply(rows, spec.optimizer(), slots);
    version++;
    pin = NONE;
    if (reports) losses.add(loss);
  }

  private void apply(Floats mean) {
    float[] next = spare == null ? new float[length] : spare;
    System.arraycopy(weights[0], 0, next, 0, length);
    if (mean != null)
      spec.optimizer().step(next, 0, mean.array(), mean.from(), slots, length, version + 1);
    float[] oldest = weights[VERSIONS - 1];
    spare = oldest == pinned ? null : oldest;
    System.arraycopy(weights, 0, weights, 1, VERSIONS - 1);
    weights[0] = next;
  }

  private void pin(long keep) {
    if (keep <= pinnedVersion) return;
    if (!holds(keep))
      throw new IllegalStateException(
          "version %s of the segments %s is not held any more, they are at %s"
              .formatted(keep, segments, version));
    if (table == null) pinned = at(keep);
    else table.pin(keep);
    pinnedVersion = keep;
  }

  private boolean holds(long of) {
    return table == null ? at(of) != null : table.holds(of);
  }

  /** The weights of a version; null if they are not held. */
  private float[] at(long of) {
    if (of == pinnedVersion) return pinned;
    long age = version - of;
    return age < 0 || age >= VERSIONS ? null : weights[(int) age];
  }

  /** Parks the reply until the version is there. */
  synchronized void pull(Message.Pull m, Transport.Reply reply, Outbox out) {
    if (refused(m.epoch(), true, reply, out)) return;
    checkRows(m.rows());
    park(m.version(), m.rows(), reply, out);
  }

  /** As {@link #pull}, of everything, for the driver. */
  synchronized void collect(Message.Collect m, Transport.Reply reply, Outbox out) {
    if (refused(m.epoch(), true, reply, out)) return;
    park(m.version(), null, reply, out);
  }

  private void park(long of, List<TableRows> rows, Transport.Reply reply, Outbox out) {
    if (of <= version && !holds(of))
      throw new IllegalArgumentException(
          "version %s of the segments %s is not held any more, they are at %s"
              .formatted(of, segments, version));
    parked.add(new Parked(of, rows, reply));
    release(out);
  }

  /** Answers all whose version is there and backed up. */
  private void release(Outbox out) {
    EncodedMessage newest = null; // encoded once for all
    for (Iterator<Parked> i = parked.iterator(); i.hasNext(); ) {
      Parked p = i.next();
      if (p.version() > version || !mayLeave(p.version())) continue;
      i.remove();
      if (table != null || p.rows() == null || p.version() < version) {
        out.send(p.reply(), answer(p));
      } else {
        if (newest == null) newest = weights(version);
        out.send(p.reply(), newest);
      }
    }
  }

  /** Whether a version is backed up far enough to be shown; it is there. */
  boolean mayLeave(long shown) {
    return backedUp >= shown - 1;
  }

  private EncodedMessage answer(Parked p) {
    if (p.rows() == null) {
      Floats all = table == null ? Floats.of(at(p.version())) : table.whole(p.version());
      return new EncodedMessage(new Message.Result(spec.runId(), chunk.id(), p.version(), all));
    }
    if (table == null) return weights(p.version());
    List<TableRows> rows = table.rows(p.version(), p.rows());
    return new EncodedMessage(
        new Message.Weights(spec.runId(), chunk.id(), p.version(), NO_NUMBERS, rows));
  }

  private EncodedMessage weights(long of) {
    return new EncodedMessage(new Message.Weights(spec.runId(), chunk.id(), of, Floats.of(at(of))));
  }

  /** Repeats a step of the primary. */
  synchronized void forward(Message.Forward m, Transport.Reply reply, Outbox out) {
    if (refused(m.epoch(), false, reply, out)) return;
    if (!m.from().equals(chunk.primary()))
      throw new IllegalArgumentException(
          "a forward by %s, where the primary of the segments %s is %s"
              .formatted(m.from(), segments, chunk.primary()));
    checkRows(m.rows());
    if (m.mean() != null && m.mean().length() != length)
      throw new IllegalArgumentException("%s for %s numbers".formatted(m.mean(), length));
    if (m.loss().step() > version)
      throw new IllegalArgumentException(
          "step %s forwarded to version %s".formatted(m.loss().step(), version));
    if (m.loss().step() == version) apply(m.mean(), m.rows(), m.pin(), m.loss());
    reported(m.reported());
    out.send(reply, new Message.Ack(spec.runId()));
  }

  /** Takes the forward to send next, one at a time, in the order of steps; null: none. */
  synchronized Message.Forward takeForward() {
    if (forwarding || epoch == NONE || forwards.isEmpty()) return null;
    forwarding = true;
    return forwards.peek();
  }

  /** The backup has a forward. */
  synchronized void backedUp(Message.Forward m, Outbox out) {
    if (m.epoch() != epoch || forwards.peek() != m) return;
    forwards.remove();
    forwarding = false;
    backedUp = m.loss().step() + 1;
    release(out);
  }

  /** A forward did not arrive: it is taken again. */
  synchronized void notForwarded(Message.Forward m) {
    if (m.epoch() == epoch && forwards.peek() == m) forwarding = false;
  }

  /** The address to forward to. */
  synchronized Address backup() {
    return chunk.backup();
  }

  /** What the coordinator may not know; null if this is not the primary of segment 0. */
  synchronized Message.Progress progress() {
    if (!reports || !primary || epoch == NONE) return null;
    return new Message.Progress(spec.runId(), epoch, chunk.primary(), version, List.copyOf(losses));
  }

  /** The coordinator knows the losses of so many steps. */
  synchronized void reported(long steps) {
    reported = Math.max(reported, steps);
    losses.removeIf(l -> l.step() < reported);
  }
}
