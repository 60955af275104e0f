package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;

/** An executor's side of the shards: cuts flat numbers into segments and joins the answers. */
final class PsClient {
  private final RunSpec spec;
  private final Transport transport;
  private final Layout layout;
  private final List<Layout.Segment> segments;
  private final Consumer<Throwable> onFailure;
  private final long elsewhere; // bytes of the model that other executors hold
  private final LongAdder optimum = new LongAdder();

  PsClient(RunSpec spec, Transport transport, Layout layout, Consumer<Throwable> onFailure) {
    this.spec = spec;
    this.transport = transport;
    this.layout = layout;
    this.onFailure = onFailure;
    int own = layout.shards().indexOf(transport.address());
    this.elsewhere = (layout.numel() - (own < 0 ? 0 : layout.held(own))) * Float.BYTES;
    this.segments = new ArrayList<>(layout.segments());
    // What must travel goes first: the own shard works on this thread meanwhile.
    segments.sort((a, b) -> Boolean.compare(a.shard() == own, b.shard() == own));
  }

  /**
   * Sends the sums of a step, one push a segment; {@code done} gets what changes at the border, or
   * null, when all new weights are in {@code weights}. The sums may be reused from then on.
   *
   * @param keep whether the shards are to keep the weights with which the step started
   */
  void push(long step, boolean keep, List<Partial> nodes, float[] weights, Consumer<Border> done) {
    optimum.add((nodes.size() + 1) * elsewhere);
    exchange(
        step + 1,
        weights,
        done,
        s -> new Message.Push(spec.run(), step, s.index(), keep, cut(nodes, s)));
  }

  /** Fetches the weights with which a step starts. */
  void pull(long step, float[] weights, Consumer<Border> done) {
    exchange(step, weights, done, s -> new Message.Pull(spec.run(), step, s.index()));
  }

  /** The least that the steps so far could have sent, in bytes. */
  long optimum() {
    return optimum.sum();
  }

  private static List<Partial> cut(List<Partial> nodes, Layout.Segment s) {
    return nodes.stream().map(n -> n.slice(s.from(), s.length())).toList();
  }

  private void exchange(
      long step,
      float[] weights,
      Consumer<Border> done,
      Function<Layout.Segment, Message> question) {
    AtomicInteger open = new AtomicInteger(segments.size());
    Border[] border = new Border[1]; // written before the last count down, read after it
    for (Layout.Segment s : segments)
      transport
          .call(layout.shards().get(s.shard()), question.apply(s))
          .thenAccept(
              answer -> {
                Message.Weights w = expect(step, s, answer);
                w.values().copyTo(weights, s.from());
                if (w.border() != null) border[0] = w.border();
                if (open.decrementAndGet() == 0) done.accept(border[0]);
              })
          .exceptionally(
              error -> {
                onFailure.accept(error);
                return null;
              });
  }

  private static Message.Weights expect(long step, Layout.Segment s, Message answer) {
    if (answer instanceof Message.Weights w
        && w.step() == step
        && w.segment() == s.index()
        && w.values().length() == s.length()) return w;
    throw new IllegalStateException(
        "expected the weights of step " + step + ", " + s + ", got " + answer);
  }
}
