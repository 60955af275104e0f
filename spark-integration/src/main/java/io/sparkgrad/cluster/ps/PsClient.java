package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Pushes to and pulls from all shards: cuts flat numbers into segments and joins the answers.
 * Thread-safe.
 */
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
   * Sends the sums of a step, one push a segment; {@code done} gets the change at the boundary, or
   * null, when all new weights are in {@code weights}. The sums may be reused from then on.
   *
   * @param keep whether the shards keep the weights with which the step started
   */
  void push(
      long step,
      boolean keep,
      List<PartialSum> nodes,
      float[] weights,
      Consumer<BoundaryChange> done) {
    optimum.add((nodes.size() + 1) * elsewhere);
    exchange(
        step + 1,
        weights,
        done,
        s -> new Message.Push(spec.runId(), step, s.index(), keep, cut(nodes, s)));
  }

  /** Fetches the weights with which a step starts. */
  void pull(long step, float[] weights, Consumer<BoundaryChange> done) {
    exchange(step, weights, done, s -> new Message.Pull(spec.runId(), step, s.index()));
  }

  /** Bytes that the steps so far had to send at least. */
  long optimum() {
    return optimum.sum();
  }

  private static List<PartialSum> cut(List<PartialSum> nodes, Layout.Segment s) {
    return nodes.stream().map(n -> n.slice(s.from(), s.length())).toList();
  }

  private void exchange(
      long step,
      float[] weights,
      Consumer<BoundaryChange> done,
      Function<Layout.Segment, Message> question) {
    AtomicInteger open = new AtomicInteger(segments.size());
    BoundaryChange[] boundary =
        new BoundaryChange[1]; // written before the last count down, read after it
    for (Layout.Segment s : segments)
      transport
          .call(layout.shards().get(s.shard()), question.apply(s))
          .thenAccept(
              answer -> {
                Message.Weights w = expect(step, s, answer);
                w.values().copyTo(weights, s.from());
                if (w.boundary() != null) boundary[0] = w.boundary();
                if (open.decrementAndGet() == 0) done.accept(boundary[0]);
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
        "expected the weights of step %s, %s, got %s".formatted(step, s, answer));
  }
}
