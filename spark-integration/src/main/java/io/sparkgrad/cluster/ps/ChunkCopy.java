package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
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
   * A reply with version v waits until the backup has version v-1. So whoever computes step v knows that every copy has
   * v-1, no copy is more than two versions behind another, and three versions are enough to go on after any loss.
   *
   * A backup that computes has to push each step. Its answer is the mean, from which it makes the weights, and that it
   * has them shows by its next push. Other backups are forwarded the mean, and acknowledge it: those that compute nothing,
   * and those of tables, as the rows of the mean are others than those that are looked up next. */
  private static final long NONE = -1;

  private final RunSpec spec;
  private final ChunkLayout layout;
  private final Versions versions;
  private final boolean reports; // holds segment 0
  private final List<Message.StepLoss> losses;
  private long reported;

  private long epoch = NONE; // open here; NONE: none
  private Chunk chunk; // of the epoch
  private boolean primary;
  private TreeSum sum; // at the primary
  private long pin; // what the pushes of this step ask to keep
  private List<Parked> parked = new ArrayList<>();
  private Backup backup = Backup.NONE; // at the primary
  private float[] mean; // of the last step; null: none yet
  private Measured measured; // the step that waits for the other chunks' sums; null: none
  private final List<List<Double>> norms; // of the last steps, newest first
  private String aborted;

  /**
   * A reply that waits.
   *
   * @param rows that are wanted, of tables; null: everything
   * @param toBackup whether the mean of the step before serves as well
   */
  private record Parked(
      long version, List<TableRows> rows, Transport.Reply reply, boolean toBackup) {}

  /**
   * A step whose sum is complete.
   *
   * @param totals of the kinds that were measured so far
   */
  private record Measured(
      Gradient mean, long keep, Message.StepLoss loss, List<List<Double>> totals) {}

  /* As many as a segment can be ahead of another. */
  private static final int NORMS = 2;

  /**
   * @param first weights of all parameters; shared, never written
   */
  ChunkCopy(RunSpec spec, float[] first, CopyState state) {
    this.spec = spec;
    this.layout = new ChunkLayout(spec, state.segments());
    if (layout.isRows() != state.numbers() instanceof CopyState.Rows
        || state.updates().size() != spec.parameterCount())
      throw new IllegalArgumentException(
          "%s for the segments %s, of %s parameters"
              .formatted(
                  state.numbers().getClass().getSimpleName(), segments(), state.updates().size()));
    this.versions = Versions.of(spec, layout.numbers(), first, state);
    this.reports = segments().contains(0);
    this.losses = new ArrayList<>(state.losses());
    this.norms = new ArrayList<>(state.norms());
  }

  Spans segments() {
    return layout.segments();
  }

  synchronized long version() {
    return versions.version();
  }

  /** Everything that is held, copied. */
  synchronized CopyState snapshot() {
    return versions.snapshot(List.copyOf(losses), List.copyOf(norms));
  }

  /**
   * Takes part in an epoch, as its primary or its backup.
   *
   * @param backupPushes whether the backup computes workers
   */
  synchronized void open(long epoch, Chunk chunk, boolean primary, boolean backupPushes) {
    this.epoch = epoch;
    this.chunk = chunk;
    this.primary = primary;
    backup =
        chunk.backup() == null
            ? Backup.NONE
            : new Backup(version(), backupPushes && !layout.isRows());
    pin = NONE;
    sum = newSum();
  }

  /** For the step that begins. */
  TreeSum newSum() {
    return new TreeSum(spec.workers(), layout.inMaxima(), Floats::release);
  }

  /** Ends the epoch: voids the open step and tells those who wait. */
  synchronized void fence(long by, Outbox out) {
    epoch = NONE;
    sum = null;
    measured = null;
    backup = Backup.NONE;
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
      if (m.step() > version())
        throw new IllegalArgumentException(
            "push for step %s of the segments %s, which are at step %s"
                .formatted(m.step(), segments(), version()));
      // Before anything is claimed: what is claimed and cannot be added would hang the step.
      m.nodes().forEach(layout::check);
      if (m.step() < version()
          && !versions.holds(m.step() + 1)) { // a duplicate: its sender went on
        out.send(reply, new Message.Ack(spec.runId()));
        return false;
      }
      boolean byBackup = backup.pushes() && m.from().equals(chunk.backup());
      if (byBackup) backup.reached(m.step());
      parked.add(new Parked(m.step() + 1, m.next(), reply, byBackup));
      if (m.step() < version()) { // counted already
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
      abort("step %s of the segments %s: %s".formatted(m.step(), segments(), e), out);
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

  private synchronized boolean finish(TreeSum into, Outbox out) {
    if (into != sum) return false; // voided meanwhile
    PartialSum total = into.nodes().get(0);
    Gradient mean = layout.mean(total, array());
    total.gradient().release();
    String broken = layout.notFinite(mean, version());
    if (broken != null) {
      abort(broken, out);
      return true;
    }
    Message.StepLoss loss = new Message.StepLoss(version(), total.lossSum(), total.denominator());
    measured = new Measured(mean, pin, loss, List.of());
    if (spec.norms().isEmpty()) step(out);
    return true;
  }

  /** Makes the step that was summed, and measured. */
  private void step(Outbox out) {
    Measured m = measured;
    measured = null;
    List<Double> totals = new ArrayList<>();
    m.totals().forEach(totals::addAll);
    apply(m.mean(), m.keep(), m.loss(), totals);
    if (chunk.backup() != null)
      backup.add(
          new Message.Forward(
              spec.runId(),
              epoch,
              chunk.primary(),
              chunk.id(),
              m.keep(),
              m.mean(),
              m.loss(),
              reported,
              totals));
    sum = newSum();
    release(out);
  }

  /** What is measured next of the step that is summed; null if none is. */
  synchronized Message.Measured measure() {
    if (measured == null) return null;
    int at = measured.totals().size();
    List<Double> sums = versions.measure(spec.norms().get(at), measured.mean());
    long step = measured.loss().step();
    return new Message.Measured(spec.runId(), epoch, chunk.primary(), chunk.id(), step, at, sums);
  }

  /**
   * Takes in what all chunks' sums are together; the last kind's makes the step.
   *
   * @param kind by its place among the run's
   * @return whether this copy waited for it
   */
  synchronized boolean total(long step, int kind, List<Double> total, Outbox out) {
    Measured m = measured;
    if (m == null || m.loss().step() != step || m.totals().size() != kind) return false;
    List<List<Double>> totals = new ArrayList<>(m.totals());
    totals.add(total);
    Gradient mean = m.mean();
    if (spec.norms().get(kind) == Norms.Kind.GRADIENT)
      mean = mean.shortened(spec.optimizer().clipFactor(total.get(0)), layout.inBuffers());
    measured = new Measured(mean, m.keep(), m.loss(), totals);
    if (totals.size() == spec.norms().size()) step(out);
    return true;
  }

  /** The totals by which a step was made, of one of the last; null: not held. */
  synchronized List<Double> norms(long step) {
    long age = version() - 1 - step;
    return age < 0 || age >= norms.size() ? null : norms.get((int) age);
  }

  /** An array for the next mean: the last one's, unless a forward needs it. */
  private float[] array() {
    if (mean == null || backup.isBehind()) mean = new float[layout.length()];
    return mean;
  }

  /** The text that ended the run here; null: none. */
  synchronized String aborted() {
    return aborted;
  }

  /** Makes the next version. */
  private void apply(Gradient mean, long keep, Message.StepLoss loss, List<Double> totals) {
    if (keep > versions.pinned()) {
      if (!versions.holds(keep)) throw new IllegalStateException(notHeld(keep));
      versions.pin(keep);
    }
    versions.apply(mean, layers(totals));
    if (!totals.isEmpty()) norms.add(0, totals);
    while (norms.size() > NORMS) norms.remove(NORMS);
    pin = NONE;
    if (reports) losses.add(loss);
  }

  /* Those of layers come last. */
  private List<Double> layers(List<Double> totals) {
    return totals.subList(spec.norms().contains(Norms.Kind.GRADIENT) ? 1 : 0, totals.size());
  }

  private String notHeld(long of) {
    return "version %s of the segments %s is not held any more, they are at %s"
        .formatted(of, segments(), version());
  }

  /** Parks the reply until the version is there. */
  synchronized void pull(Message.Pull m, Transport.Reply reply, Outbox out) {
    if (refused(m.epoch(), true, reply, out)) return;
    layout.checkRows(m.rows());
    park(m.version(), m.rows(), reply, out);
  }

  /** As {@link #pull}, of everything, for the driver. */
  synchronized void collect(Message.Collect m, Transport.Reply reply, Outbox out) {
    if (refused(m.epoch(), true, reply, out)) return;
    park(m.version(), null, reply, out);
  }

  private void park(long of, List<TableRows> rows, Transport.Reply reply, Outbox out) {
    if (of <= version() && !versions.holds(of)) throw new IllegalArgumentException(notHeld(of));
    parked.add(new Parked(of, rows, reply, false));
    release(out);
  }

  /** Answers all whose version is there and backed up. */
  private void release(Outbox out) {
    EncodedMessage newest = null; // encoded once for all
    for (Iterator<Parked> i = parked.iterator(); i.hasNext(); ) {
      Parked p = i.next();
      if (p.version() > version() || !mayLeave(p.version())) continue;
      i.remove();
      Message.Forward step = p.toBackup() ? backup.forward(p.version() - 1) : null;
      if (step != null) {
        out.send(p.reply(), new Message.Repeat(spec.runId(), step));
      } else if (layout.isRows() || p.rows() == null || p.version() < version()) {
        out.send(p.reply(), answer(p));
      } else {
        if (newest == null) newest = answer(p);
        out.send(p.reply(), newest);
      }
    }
  }

  /** Whether a version is backed up far enough to be shown; it is there. */
  boolean mayLeave(long shown) {
    return backup.version() >= shown - 1;
  }

  private EncodedMessage answer(Parked p) {
    return new EncodedMessage(
        p.rows() == null
            ? new Message.Result(spec.runId(), chunk.id(), p.version(), versions.whole(p.version()))
            : versions.weights(chunk.id(), p.version(), p.rows()));
  }

  /** As a backup, repeats a step of the primary. */
  synchronized void forward(Message.Forward m, Transport.Reply reply, Outbox out) {
    if (refused(m.epoch(), false, reply, out)) return;
    repeat(m);
    out.send(reply, new Message.Ack(spec.runId()));
  }

  /** As a backup, repeats a step; returns what the primary would have answered the push by. */
  synchronized Message repeat(Message.Forward m, List<TableRows> wanted) {
    if (m.epoch() != epoch || primary) return new Message.Stale(spec.runId(), epoch);
    repeat(m);
    return versions.weights(chunk.id(), m.loss().step() + 1, wanted);
  }

  private void repeat(Message.Forward m) {
    if (!m.from().equals(chunk.primary()))
      throw new IllegalArgumentException(
          "a forward by %s, where the primary of the segments %s is %s"
              .formatted(m.from(), segments(), chunk.primary()));
    layout.check(m.mean());
    if (m.loss().step() > version())
      throw new IllegalArgumentException(
          "step %s forwarded to version %s".formatted(m.loss().step(), version()));
    if (m.norms().size() != spec.totals())
      throw new IllegalArgumentException(
          "%s norms where %s are expected".formatted(m.norms().size(), spec.totals()));
    if (m.loss().step() == version()) apply(m.mean(), m.pin(), m.loss(), m.norms());
    m.mean().release();
    reported(m.reported());
  }

  /** Takes the forward to send next, one at a time, in the order of steps; null: none. */
  synchronized Message.Forward takeForward() {
    return backup.take();
  }

  /** The backup has a forward. */
  synchronized void backedUp(Message.Forward m, Outbox out) {
    if (m.epoch() == epoch && backup.acknowledged(m)) release(out);
  }

  /** The address to forward to. */
  synchronized Address backup() {
    return chunk.backup();
  }

  /** Whether this is the primary in the open epoch. */
  synchronized boolean isPrimary() {
    return primary && epoch != NONE;
  }

  /** Whether this is the primary of segment 0 in the open epoch. */
  synchronized boolean isReporter() {
    return reports && primary && epoch != NONE;
  }

  /** What the coordinator may not know; null if this is not the reporter. */
  synchronized Message.Progress progress() {
    if (!isReporter()) return null;
    return new Message.Progress(
        spec.runId(), epoch, chunk.primary(), version(), List.copyOf(losses));
  }

  /** The coordinator knows the losses of so many steps. */
  synchronized void reported(long steps) {
    reported = Math.max(reported, steps);
    losses.removeIf(l -> l.step() < reported);
  }
}
