package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The segments that one executor holds. Thread-safe. */
final class Shard {
  private final RunSpec spec;
  private final Map<Integer, ShardSegment> segments = new TreeMap<>();

  /**
   * @param initial all weights; the own ranges are copied
   * @param lead told of the finished steps if segment 0 is held here
   */
  Shard(RunSpec spec, Layout layout, int index, float[] initial, Lead lead) {
    this.spec = spec;
    for (Layout.Segment s : layout.segments())
      if (s.shard() == index)
        segments.put(s.index(), new ShardSegment(spec, s, initial, s.index() == 0 ? lead : null));
  }

  void push(Message.Push m, Transport.Reply reply) {
    serve(m.segment(), reply, s -> s.push(m, reply));
  }

  void pull(Message.Pull m, Transport.Reply reply) {
    serve(m.segment(), reply, s -> s.pull(m, reply));
  }

  /** Answers everything parked, and everything to come, with this text. */
  void abort(String text) {
    for (ShardSegment s : segments.values()) s.abort(text);
  }

  /** A copy of the weights held here, as they were when a step started. */
  List<Range> ranges(long step) {
    List<Range> all = new ArrayList<>();
    for (ShardSegment s : segments.values()) all.add(s.range(step));
    return all;
  }

  private void serve(int segment, Transport.Reply reply, Function<ShardSegment, Runnable> action) {
    ShardSegment s = segments.get(segment);
    if (s != null) action.apply(s).run();
    else
      reply.send(
          new Message.Refused(
              spec.run(), "segment " + segment + " is not among " + segments.keySet() + " here"));
  }
}
