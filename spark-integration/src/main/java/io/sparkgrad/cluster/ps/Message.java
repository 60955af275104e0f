package io.sparkgrad.cluster.ps;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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
   * Adds an executor's partial sums to a step; answered by Weights of the next version.
   *
   * @param pin the version that may be the run's result, to be kept; -1: none
   * @param next the rows whose next weights are wanted
   */
  record Push(
      String runId,
      long epoch,
      Address from,
      int chunk,
      long step,
      long pin,
      List<PartialSum> nodes,
      List<TableRows> next)
      implements Message {

    static Push read(Wire.In in) {
      return new Push(
          in.text(),
          in.int64(),
          in.address(),
          in.int32(),
          in.int64(),
          in.int64(),
          in.list(Wire.In::partial),
          in.list(Wire.In::rows));
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(epoch).address(from).int32(chunk).int64(step).int64(pin);
      out.list(nodes, Wire.Out::partial).list(next, Wire.Out::rows);
    }

    @Override
    public long floats() {
      long n = 0;
      for (PartialSum p : nodes) n += p.gradient().floats();
      return n;
    }

    @Override
    public boolean data() {
      return true;
    }
  }

  /**
   * Requests a version of the weights; answered by Weights once it is there.
   *
   * @param rows that are wanted, of tables
   */
  record Pull(String runId, long epoch, int chunk, long version, List<TableRows> rows)
      implements Message {

    Pull(String runId, long epoch, int chunk, long version) {
      this(runId, epoch, chunk, version, List.of());
    }

    static Pull read(Wire.In in) {
      return new Pull(in.text(), in.int64(), in.int32(), in.int64(), in.list(Wire.In::rows));
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(epoch).int32(chunk).int64(version).list(rows, Wire.Out::rows);
    }

    @Override
    public boolean data() {
      return true;
    }
  }

  /**
   * The weights with which step {@code version} starts.
   *
   * @param values all of the chunk's; of tables none
   * @param rows those that were asked for
   */
  record Weights(String runId, int chunk, long version, Floats values, List<TableRows> rows)
      implements Message {

    Weights(String runId, int chunk, long version, Floats values) {
      this(runId, chunk, version, values, List.of());
    }

    static Weights read(Wire.In in) {
      return new Weights(
          in.text(), in.int32(), in.int64(), in.lentFloats(), in.list(Wire.In::rows));
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int32(chunk).int64(version).floats(values).list(rows, Wire.Out::rows);
    }

    @Override
    public long floats() {
      return values.length() + TableRows.floats(rows);
    }

    @Override
    public boolean data() {
      return true;
    }
  }

  /** Requests a version of the weights for the driver; answered by Result once it is there. */
  record Collect(String runId, long epoch, int chunk, long version) implements Message {

    static Collect read(Wire.In in) {
      return new Collect(in.text(), in.int64(), in.int32(), in.int64());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(epoch).int32(chunk).int64(version);
    }
  }

  /** A part of the run's result. */
  record Result(String runId, int chunk, long version, Floats values) implements Message {

    static Result read(Wire.In in) {
      return new Result(in.text(), in.int32(), in.int64(), in.floats());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int32(chunk).int64(version).floats(values);
    }

    @Override
    public long floats() {
      return values.length();
    }
  }

  /**
   * Has a backup repeat a step of its primary; answered by Ack.
   *
   * @param from the primary
   * @param mean the gradient that the primary stepped by
   * @param reported count of steps whose losses the coordinator knows
   * @param norms the totals that the step went by, of a rule with norms
   */
  record Forward(
      String runId,
      long epoch,
      Address from,
      int chunk,
      long pin,
      Gradient mean,
      StepLoss loss,
      long reported,
      List<Double> norms)
      implements Message {

    static Forward read(Wire.In in) {
      return new Forward(
          in.text(),
          in.int64(),
          in.address(),
          in.int32(),
          in.int64(),
          in.gradient(),
          in.loss(),
          in.int64(),
          in.numbers());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(epoch).address(from).int32(chunk).int64(pin);
      out.gradient(mean).loss(loss).int64(reported).numbers(norms);
    }

    @Override
    public long floats() {
      return mean.floats();
    }
  }

  /**
   * Answers the push of a chunk's backup in place of Weights: by the step's gradient it makes the
   * next version itself.
   */
  record Repeat(String runId, Forward step) implements Message {

    static Repeat read(Wire.In in) {
      return new Repeat(in.text(), Forward.read(in));
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId);
      step.write(out);
    }

    @Override
    public long floats() {
      return step.floats();
    }

    @Override
    public boolean data() {
      return true;
    }
  }

  /**
   * Says what a chunk's primary measured of a step, of a rule with norms; answered by Ack.
   *
   * @param kind by its place among the run's
   * @param sums of each piece
   */
  record Measured(
      String runId, long epoch, Address from, int chunk, long step, int kind, List<Double> sums)
      implements Message {

    static Measured read(Wire.In in) {
      return new Measured(
          in.text(), in.int64(), in.address(), in.int32(), in.int64(), in.int32(), in.numbers());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(epoch).address(from).int32(chunk).int64(step).int32(kind);
      out.numbers(sums);
    }
  }

  /**
   * Says what all chunks' sums were together in a step that the sender has made before, and others
   * repeat; answered by Ack.
   */
  record Totals(String runId, long epoch, Address from, long step, List<Double> totals)
      implements Message {

    static Totals read(Wire.In in) {
      return new Totals(in.text(), in.int64(), in.address(), in.int64(), in.numbers());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(epoch).address(from).int64(step).numbers(totals);
    }
  }

  /** Answers a message of an epoch that is over here, or not open yet. */
  record Stale(String runId, long epoch) implements Message {

    static Stale read(Wire.In in) {
      return new Stale(in.text(), in.int64());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(epoch);
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

  /** Asks that a task take part; answered by Ack, or by Over. */
  record Join(String runId, long task, String executor, Address address) implements Message {

    static Join read(Wire.In in) {
      return new Join(in.text(), in.int64(), in.text(), in.address());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(task).text(executor).address(address);
    }
  }

  /** Says that a task is gone, though its executor may live; answered by Ack. */
  record Leave(String runId, long task, String executor, Address address, String text)
      implements Message {

    static Leave read(Wire.In in) {
      return new Leave(in.text(), in.int64(), in.text(), in.address(), in.text());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(task).text(executor).address(address).text(text);
    }
  }

  /** Says that an executor lives; answered by Ack, or by Over. */
  record Heartbeat(String runId, Address address) implements Message {

    static Heartbeat read(Wire.In in) {
      return new Heartbeat(in.text(), in.address());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).address(address);
    }
  }

  /** Says that the run is over and its result is with the driver. */
  record Over(String runId) implements Message {

    static Over read(Wire.In in) {
      return new Over(in.text());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId);
    }
  }

  /** Ends all earlier epochs and voids their open steps; answered by Fenced. */
  record Fence(String runId, long epoch) implements Message {

    static Fence read(Wire.In in) {
      return new Fence(in.text(), in.int64());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(epoch);
    }
  }

  /** Says what an executor holds, none of which changes before the Commit. */
  record Fenced(String runId, long epoch, List<Held> held) implements Message {

    static Fenced read(Wire.In in) {
      return new Fenced(in.text(), in.int64(), in.list(i -> new Held(i.spans(), i.int64())));
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(epoch);
      out.list(held, (o, h) -> o.spans(h.segments()).int64(h.version()));
    }
  }

  /** Has an executor send a copy of some segments to another; answered by Ack when it is there. */
  record Copy(String runId, long epoch, Spans segments, long version, Address to)
      implements Message {

    static Copy read(Wire.In in) {
      return new Copy(in.text(), in.int64(), in.spans(), in.int64(), in.address());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(epoch).spans(segments).int64(version).address(to);
    }
  }

  /** A copy of some segments, to be held; answered by Ack. */
  record Install(String runId, long epoch, CopyState state) implements Message {

    static Install read(Wire.In in) {
      return new Install(in.text(), in.int64(), in.copy());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(epoch).copy(state);
    }

    @Override
    public long floats() {
      return state.numbers().floats();
    }
  }

  /**
   * Opens an epoch: everybody computes on from the weights of {@code start}; answered by Ack.
   *
   * @param end the boundary at which the run ends, as far as is known
   */
  record Commit(
      String runId,
      long epoch,
      List<Member> members,
      List<Chunk> chunks,
      Assignment assignment,
      long start,
      long end)
      implements Message {

    /** The executor of a member; null: none has this address. */
    String executorAt(Address address) {
      for (Member m : members) if (m.address().equals(address)) return m.executor();
      return null;
    }

    /** Whether a member computes workers. */
    boolean computes(Address address) {
      String executor = executorAt(address);
      return executor != null && assignment.workersOn(executor) > 0;
    }

    static Commit read(Wire.In in) {
      return new Commit(
          in.text(),
          in.int64(),
          in.list(i -> new Member(i.text(), i.address())),
          in.list(Wire.In::chunk),
          in.assignment(),
          in.int64(),
          in.int64());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(epoch);
      out.list(members, (o, m) -> o.text(m.executor()).address(m.address()));
      out.list(chunks, Wire.Out::chunk).assignment(assignment).int64(start).int64(end);
    }
  }

  /** Loss and denominator of a finished step. */
  record StepLoss(long step, double lossSum, double denominator) {}

  /** Reports finished steps and losses not yet acknowledged; answered by Ack. */
  record Progress(String runId, long epoch, Address from, long finished, List<StepLoss> losses)
      implements Message {

    static Progress read(Wire.In in) {
      return new Progress(in.text(), in.int64(), in.address(), in.int64(), in.list(Wire.In::loss));
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(epoch).address(from).int64(finished).list(losses, Wire.Out::loss);
    }
  }

  /**
   * Scores of the weights with which {@code step} starts on the validation rows of some workers;
   * answered by StopDecision once all workers are in.
   */
  record Scores(String runId, long epoch, Address from, long step, List<WorkerScores> scores)
      implements Message {

    static Scores read(Wire.In in) {
      return new Scores(
          in.text(),
          in.int64(),
          in.address(),
          in.int64(),
          in.list(i -> new WorkerScores(i.int32(), i.list(Wire.In::score))));
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(epoch).address(from).int64(step);
      out.list(scores, (o, w) -> o.int32(w.worker()).list(w.scores(), Wire.Out::score));
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

  /** Says that an executor cannot reach a peer; answered by Ack. */
  record Suspect(String runId, long epoch, Address from, Address peer, String text)
      implements Message {

    static Suspect read(Wire.In in) {
      return new Suspect(in.text(), in.int64(), in.address(), in.address(), in.text());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(epoch).address(from).address(peer).text(text);
    }
  }

  /**
   * Says that a task cannot go on, for a reason that a repetition would meet again.
   *
   * @param step its step; -1 before the first
   */
  record Fail(String runId, long task, String executor, Address address, long step, String text)
      implements Message {

    static Fail read(Wire.In in) {
      return new Fail(in.text(), in.int64(), in.text(), in.address(), in.int64(), in.text());
    }

    @Override
    public void write(Wire.Out out) {
      out.text(runId).int64(task).text(executor).address(address).int64(step).text(text);
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
          new Kind<>(Collect.class, Collect::read),
          new Kind<>(Result.class, Result::read),
          new Kind<>(Forward.class, Forward::read),
          new Kind<>(Stale.class, Stale::read),
          new Kind<>(Ack.class, Ack::read),
          new Kind<>(Join.class, Join::read),
          new Kind<>(Leave.class, Leave::read),
          new Kind<>(Heartbeat.class, Heartbeat::read),
          new Kind<>(Over.class, Over::read),
          new Kind<>(Fence.class, Fence::read),
          new Kind<>(Fenced.class, Fenced::read),
          new Kind<>(Copy.class, Copy::read),
          new Kind<>(Install.class, Install::read),
          new Kind<>(Commit.class, Commit::read),
          new Kind<>(Progress.class, Progress::read),
          new Kind<>(Scores.class, Scores::read),
          new Kind<>(StopDecision.class, StopDecision::read),
          new Kind<>(Suspect.class, Suspect::read),
          new Kind<>(Fail.class, Fail::read),
          new Kind<>(Abort.class, Abort::read),
          new Kind<>(Refused.class, Refused::read),
          new Kind<>(Repeat.class, Repeat::read),
          new Kind<>(Measured.class, Measured::read),
          new Kind<>(Totals.class, Totals::read));

  /** The places of the kinds. */
  Map<Class<?>, Byte> TAGS =
      IntStream.range(0, KINDS.size())
          .boxed()
          .collect(Collectors.toMap(i -> KINDS.get(i).type(), Integer::byteValue));

  record Kind<T extends Message>(Class<T> type, Function<Wire.In, T> read) {}

  static ByteBuffer encode(Message m) {
    return encode(m, ByteBuffer::allocate);
  }

  /**
   * @param memory makes a buffer of a capacity
   */
  static ByteBuffer encode(Message m, IntFunction<ByteBuffer> memory) {
    Wire.Out out = new Wire.Out(m.floats(), memory);
    out.int8(tag(m.getClass()));
    m.write(out);
    return out.buffer();
  }

  /**
   * @throws IllegalArgumentException for an unknown tag, a truncated buffer or bytes left over
   */
  static Message decode(ByteBuffer bytes) {
    return decode(bytes, null);
  }

  /**
   * As {@link #decode(ByteBuffer)}.
   *
   * @param memory of the gradients and weights in it, which their receiver may release; null: new
   */
  static Message decode(ByteBuffer bytes, Buffers memory) {
    Wire.In in = new Wire.In(bytes, memory);
    byte tag = in.int8();
    if (tag < 0 || tag >= KINDS.size())
      throw new IllegalArgumentException("unknown message tag " + tag);
    Message m = KINDS.get(tag).read().apply(in);
    in.end(m);
    return m;
  }

  private static byte tag(Class<?> type) {
    Byte tag = TAGS.get(type);
    if (tag == null) throw new IllegalArgumentException(type + " is not in the list of kinds");
    return tag;
  }
}
