package io.sparkgrad.cluster.ps;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;

/**
 * What endpoints say to each other. Each message is a tag byte and the fields in order; writing and
 * reading stand together. Equal when all bits are equal.
 */
sealed interface Message {
  String run();

  void write(Wire.Out out);

  /** Numbers inside: room to reserve, and whether it counts as data on the wire. */
  default long floats() {
    return 0;
  }

  /** Whether it carries gradients or weights rather than control. */
  default boolean data() {
    return false;
  }

  /**
   * Adds what its nodes' workers contribute to a step; answered by Weights once all are in.
   *
   * @param keep the weights that the step replaces may be the run's result
   */
  record Push(String run, long step, int segment, boolean keep, List<Partial> nodes)
      implements Message {

    static Push read(Wire.In in) {
      return new Push(in.text(), in.int64(), in.int32(), in.flag(), in.list(Wire.In::partial));
    }

    @Override
    public void write(Wire.Out out) {
      out.text(run).int64(step).int32(segment).flag(keep).list(nodes, Wire.Out::partial);
    }

    @Override
    public long floats() {
      return nodes.stream().mapToLong(n -> n.sum() == null ? 0 : n.sum().length()).sum();
    }

    @Override
    public boolean data() {
      return true;
    }
  }

  /** Asks for the weights with which a step starts; answered once the step before is done. */
  record Pull(String run, long step, int segment) implements Message {

    static Pull read(Wire.In in) {
      return new Pull(in.text(), in.int64(), in.int32());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(run).int64(step).int32(segment);
    }

    @Override
    public boolean data() {
      return true;
    }
  }

  /**
   * The weights with which {@code step} starts.
   *
   * @param border null when nothing else changes
   */
  record Weights(String run, long step, int segment, Floats values, Border border)
      implements Message {

    static Weights read(Wire.In in) {
      return new Weights(in.text(), in.int64(), in.int32(), in.floats(), in.border());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(run).int64(step).int32(segment).floats(values).border(border);
    }

    @Override
    public long floats() {
      return values.length();
    }

    @Override
    public boolean data() {
      return true;
    }
  }

  /** Heard; nothing to say. */
  record Ack(String run) implements Message {

    static Ack read(Wire.In in) {
      return new Ack(in.text());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(run);
    }
  }

  /** A task wants to take part; answered by Start when it may. */
  record Join(String run, long task, String executor, Address address) implements Message {

    static Join read(Wire.In in) {
      return new Join(in.text(), in.int64(), in.text(), in.address());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(run).int64(task).text(executor).address(address);
    }
  }

  /** A task takes part from {@code firstStep} on, under these leases. */
  record Start(String run, Layout layout, Leases leases, long firstStep) implements Message {

    static Start read(Wire.In in) {
      return new Start(
          in.text(), new Layout(in.int32(), in.list(Wire.In::address)), in.leases(), in.int64());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(run).int32(layout.numel()).list(layout.shards(), Wire.Out::address);
      out.leases(leases).int64(firstStep);
    }
  }

  /** Loss and denominator of a finished step. */
  record StepLoss(long step, double lossSum, double denominator) {}

  /**
   * The lead's report: steps finished, losses not yet acknowledged, since which step which leases
   * hold, and whether the run ended with the finished steps. Answered by Plan.
   */
  record Progress(
      String run,
      long finished,
      List<StepLoss> losses,
      long leasesVersion,
      long leasesFrom,
      boolean ended)
      implements Message {

    static Progress read(Wire.In in) {
      return new Progress(
          in.text(),
          in.int64(),
          in.list(i -> new StepLoss(i.int64(), i.float64(), i.float64())),
          in.int64(),
          in.int64(),
          in.flag());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(run).int64(finished);
      out.list(losses, (o, l) -> o.int64(l.step()).float64(l.lossSum()).float64(l.denominator()));
      out.int64(leasesVersion).int64(leasesFrom).flag(ended);
    }
  }

  /**
   * What to do at the next border.
   *
   * @param pending leases to adopt; null when there are none
   * @param end end the run
   */
  record Plan(String run, Leases pending, boolean end) implements Message {

    static Plan read(Wire.In in) {
      return new Plan(in.text(), in.leases(), in.flag());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(run).leases(pending).flag(end);
    }
  }

  /**
   * How the weights with which {@code step} starts do on the validation rows of some workers;
   * answered by Verdict once all workers are in.
   */
  record Evaluated(String run, long step, List<WorkerScores> scores) implements Message {

    static Evaluated read(Wire.In in) {
      return new Evaluated(
          in.text(),
          in.int64(),
          in.list(
              i -> new WorkerScores(i.int32(), i.list(s -> new Score(s.float64(), s.float64())))));
    }

    @Override
    public void write(Wire.Out out) {
      out.text(run).int64(step);
      out.list(
          scores,
          (o, w) ->
              o.int32(w.worker())
                  .list(w.scores(), (p, s) -> p.float64(s.sum()).float64(s.denominator())));
    }
  }

  /**
   * Where the run ends and what it gives, as far as is known; at the end it is.
   *
   * @param end the border at which it ends
   * @param result the run gives the weights with which this step starts (or would)
   */
  record Verdict(String run, long end, long result) implements Message {

    static Verdict read(Wire.In in) {
      return new Verdict(in.text(), in.int64(), in.int64());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(run).int64(end).int64(result);
    }
  }

  /** A task finished all steps; answered by Verdict once everybody did. */
  record Leave(String run, long task) implements Message {

    static Leave read(Wire.In in) {
      return new Leave(in.text(), in.int64());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(run).int64(task);
    }
  }

  /**
   * A task cannot go on.
   *
   * @param step where it was; -1 before its first step
   * @param echo it only saw the effect (a lost connection, a kill); the cause may still be told
   */
  record Fail(String run, long task, String executor, long step, boolean echo, String text)
      implements Message {

    static Fail read(Wire.In in) {
      return new Fail(in.text(), in.int64(), in.text(), in.int64(), in.flag(), in.text());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(run).int64(task).text(executor).int64(step).flag(echo).text(text);
    }
  }

  /** The run is over, for this reason. */
  record Abort(String run, String text) implements Message {

    static Abort read(Wire.In in) {
      return new Abort(in.text(), in.text());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(run).text(text);
    }
  }

  /** The answer to a message that could not be served; the caller's future fails with the text. */
  record Refused(String run, String text) implements Message {

    static Refused read(Wire.In in) {
      return new Refused(in.text(), in.text());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(run).text(text);
    }
  }

  /** All kinds; the place in the list is the tag on the wire. */
  List<Kind<?>> KINDS =
      List.of(
          new Kind<>(Push.class, Push::read),
          new Kind<>(Pull.class, Pull::read),
          new Kind<>(Weights.class, Weights::read),
          new Kind<>(Ack.class, Ack::read),
          new Kind<>(Join.class, Join::read),
          new Kind<>(Start.class, Start::read),
          new Kind<>(Progress.class, Progress::read),
          new Kind<>(Plan.class, Plan::read),
          new Kind<>(Evaluated.class, Evaluated::read),
          new Kind<>(Verdict.class, Verdict::read),
          new Kind<>(Leave.class, Leave::read),
          new Kind<>(Fail.class, Fail::read),
          new Kind<>(Abort.class, Abort::read),
          new Kind<>(Refused.class, Refused::read));

  record Kind<T extends Message>(Class<T> type, Function<Wire.In, T> read) {}

  static ByteBuffer encode(Message m) {
    Wire.Out out = new Wire.Out(m.floats());
    out.int8(tag(m.getClass()));
    m.write(out);
    return out.buffer();
  }

  /**
   * @throws IllegalArgumentException for an unknown tag, a truncated buffer or bytes left over
   */
  static Message decode(ByteBuffer bytes) {
    Wire.In in = new Wire.In(bytes);
    byte tag = in.int8();
    if (tag < 0 || tag >= KINDS.size())
      throw new IllegalArgumentException("unknown message tag " + tag);
    Message m = KINDS.get(tag).read().apply(in);
    in.end(m);
    return m;
  }

  private static byte tag(Class<?> type) {
    for (byte tag = 0; tag < KINDS.size(); tag++) if (KINDS.get(tag).type() == type) return tag;
    throw new IllegalArgumentException(type + " is not in the list of kinds");
  }
}
