package io.sparkgrad.cluster.ps;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;

/**
 * A message between endpoints: on the wire a tag byte and the fields in order. Writing and reading
 * stand together. Equal when all bits are equal.
 */
sealed interface Message {
  String runId();

  void write(Wire.Out out);

  /** Count of numbers inside, for which the encoder reserves memory. */
  default long floats() {
    return 0;
  }

  /** Whether its bytes count as gradients and weights, not as control. */
  default boolean data() {
    return false;
  }

  /**
   * Adds partial sums to a step; answered by Weights once all workers are in.
   *
   * @param keep whether to keep the weights that the step replaces, as they may be the run's result
   */
  record Push(String runId, long step, int segment, boolean keep, List<PartialSum> nodes)
      implements Message {

    static Push read(Wire.In in) {
      return new Push(in.text(), in.int64(), in.int32(), in.flag(), in.list(Wire.In::partial));
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(step).int32(segment).flag(keep).list(nodes, Wire.Out::partial);
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

  /** Requests the weights with which a step starts; answered once the step before is done. */
  record Pull(String runId, long step, int segment) implements Message {

    static Pull read(Wire.In in) {
      return new Pull(in.text(), in.int64(), in.int32());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(step).int32(segment);
    }

    @Override
    public boolean data() {
      return true;
    }
  }

  /**
   * The weights with which {@code step} starts.
   *
   * @param boundary null when nothing else changes
   */
  record Weights(String runId, long step, int segment, Floats values, BoundaryChange boundary)
      implements Message {

    static Weights read(Wire.In in) {
      return new Weights(in.text(), in.int64(), in.int32(), in.floats(), in.boundary());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(step).int32(segment).floats(values).boundary(boundary);
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

  /** Acknowledges a message that needs no other answer. */
  record Ack(String runId) implements Message {

    static Ack read(Wire.In in) {
      return new Ack(in.text());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId);
    }
  }

  /** Asks that a task take part; answered by Start when it may. */
  record Join(String runId, long task, String executor, Address address) implements Message {

    static Join read(Wire.In in) {
      return new Join(in.text(), in.int64(), in.text(), in.address());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(task).text(executor).address(address);
    }
  }

  /** Lets a task take part from {@code firstStep} on, under this assignment. */
  record Start(String runId, Layout layout, Assignment assignment, long firstStep)
      implements Message {

    static Start read(Wire.In in) {
      return new Start(
          in.text(),
          new Layout(in.int32(), in.list(Wire.In::address)),
          in.assignment(),
          in.int64());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int32(layout.numel()).list(layout.shards(), Wire.Out::address);
      out.assignment(assignment).int64(firstStep);
    }
  }

  /** Loss and denominator of a finished step. */
  record StepLoss(long step, double lossSum, double denominator) {}

  /**
   * Reports finished steps, losses not yet acknowledged, the assignment and its first step, and
   * whether the run ended with the finished steps. Answered by Plan.
   */
  record Progress(
      String runId,
      long finished,
      List<StepLoss> losses,
      long assignmentVersion,
      long assignmentFrom,
      boolean stopped)
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
      out.text(runId).int64(finished);
      out.list(losses, (o, l) -> o.int64(l.step()).float64(l.lossSum()).float64(l.denominator()));
      out.int64(assignmentVersion).int64(assignmentFrom).flag(stopped);
    }
  }

  /**
   * Says what to do at the next boundary.
   *
   * @param pending the assignment to adopt; null: unchanged
   * @param end whether to end the run
   */
  record Plan(String runId, Assignment pending, boolean end) implements Message {

    static Plan read(Wire.In in) {
      return new Plan(in.text(), in.assignment(), in.flag());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).assignment(pending).flag(end);
    }
  }

  /**
   * Scores of the weights with which {@code step} starts on the validation rows of some workers;
   * answered by StopDecision once all workers are in.
   */
  record Scores(String runId, long step, List<WorkerScores> scores) implements Message {

    static Scores read(Wire.In in) {
      return new Scores(
          in.text(),
          in.int64(),
          in.list(
              i -> new WorkerScores(i.int32(), i.list(s -> new Score(s.float64(), s.float64())))));
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(step);
      out.list(
          scores,
          (o, w) ->
              o.int32(w.worker())
                  .list(w.scores(), (p, s) -> p.float64(s.sum()).float64(s.denominator())));
    }
  }

  /**
   * Says where the run ends and which weights it gives: final once the run has ended.
   *
   * @param end the boundary at which it ends
   * @param result the step that starts (or would) with the weights that the run gives
   */
  record StopDecision(String runId, long end, long result) implements Message {

    static StopDecision read(Wire.In in) {
      return new StopDecision(in.text(), in.int64(), in.int64());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(end).int64(result);
    }
  }

  /** Says that a task finished all steps; answered by StopDecision once every task did. */
  record Leave(String runId, long task) implements Message {

    static Leave read(Wire.In in) {
      return new Leave(in.text(), in.int64());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(task);
    }
  }

  /**
   * Says that a task cannot go on.
   *
   * @param step its step; -1 before the first
   * @param symptom whether it only saw an effect (a lost connection, a kill) whose cause may follow
   */
  record Fail(String runId, long task, String executor, long step, boolean symptom, String text)
      implements Message {

    static Fail read(Wire.In in) {
      return new Fail(in.text(), in.int64(), in.text(), in.int64(), in.flag(), in.text());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(task).text(executor).int64(step).flag(symptom).text(text);
    }
  }

  /** Ends the run for this reason. */
  record Abort(String runId, String text) implements Message {

    static Abort read(Wire.In in) {
      return new Abort(in.text(), in.text());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).text(text);
    }
  }

  /** Answers a message that could not be served; the caller's future fails with the text. */
  record Refused(String runId, String text) implements Message {

    static Refused read(Wire.In in) {
      return new Refused(in.text(), in.text());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).text(text);
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
          new Kind<>(Scores.class, Scores::read),
          new Kind<>(StopDecision.class, StopDecision::read),
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
