package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The segments of one executor. Thread-safe. */
final class Shard {
  private final RunSpec spec;
  private final Map<Integer, ShardSegment> segments = new TreeMap<>();

  /**
   * @param initial all weights, {@code [numel]}; the shard's ranges are copied
   * @param reporter gets the finished steps if segment 0 is held here
   */
  Shard(RunSpec spec, Layout layout, int index, float[] initial, ProgressReporter reporter) {
    this.spec = spec;
    for (Layout.Segment s : layout.segments())
      if (s.shard() == index)
        segments.put(
            s.index(), new ShardSegment(spec, s, initial, s.index() == 0 ? reporter : null));
  }

  void push(Message.Push m, Transport.Reply reply) {
    serve(m.segment(), reply, s -> s.push(m, reply));
  }

  void pull(Message.Pull m, Transport.Reply reply) {
    serve(m.segment(), reply, s -> s.pull(m, reply));
  }

  /** Refuses everything parked, and everything to come, with this text. */
  void abort(String text) {
    for (ShardSegment s : segments.values()) s.abort(text);
  }

  /** Copies the weights held here, as they were when a step started. */
  List<WeightRange> ranges(long step) {
    List<WeightRange> all = new ArrayList<>();
    for (ShardSegment s : segments.values()) all.add(s.range(step));
    return all;
  }

  private void serve(int segment, Transport.Reply reply, Function<ShardSegment, Runnable> action) {
    ShardSegment s = segments.get(segment);
    if (s != null) action.apply(s).run();
    else
      reply.send(
          new Message.Refused(
              spec.runId(),
              "segment %s is not among %s here".formatted(segment, segments.keySet())));
  }
}
