package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;
import io.sparkgrad.scope.ThreadScope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Measures the operations of the calling thread and their derivatives until closed: PyTorch's
 * torch.profiler. On a GPU it measures how long it takes to issue the work, which goes on beside.
 *
 * <pre>{@code
 * Profiler p = Profiler.start();
 * try (p) { loss.of(model.forward(x)).backward(); }
 * System.out.println(p.table());
 * }</pre>
 */
public final class Profiler extends ThreadScope {
  private static final RareKind<Profiler> OPEN = new RareKind<>();

  private final long began = System.nanoTime();
  private final List<Event> events = new ArrayList<>();
  /* The time that the calls inside of each open one took. */
  private final ArrayDeque<long[]> inside = new ArrayDeque<>();

  private Profiler() {
    super(OPEN.here());
  }

  /**
   * One call.
   *
   * @param name of the operation, or of the node whose derivative it is
   * @param start nanoseconds since the profiler's
   * @param nanos how long it took
   * @param selfNanos how long without the operations called inside
   * @param bytes of what it returned
   * @param sequence the same for an operation and its derivative; 0 if nothing was recorded
   */
  public record Event(
      String name,
      boolean isBackward,
      long start,
      long nanos,
      long selfNanos,
      long bytes,
      long sequence) {}

  public static Profiler start() {
    return new Profiler();
  }

  /** The calling thread's, or null. */
  public static Profiler current() {
    return OPEN.innermost();
  }

  /** Runs and measures an operation; for those who call one. */
  public Tensor[] forward(String name, Supplier<Tensor[]> call) {
    return measure(name, null, call);
  }

  Tensor[] backward(Node node, Supplier<Tensor[]> call) {
    return measure(node.name(), node, call);
  }

  private Tensor[] measure(String name, Node node, Supplier<Tensor[]> call) {
    long[] within = new long[1];
    inside.push(within);
    long start = System.nanoTime();
    Tensor[] out;
    try {
      out = call.get();
    } finally {
      inside.pop();
    }
    long nanos = System.nanoTime() - start;
    if (!inside.isEmpty()) inside.peek()[0] += nanos;
    long sequence = node == null ? sequence(out) : node.recorded();
    events.add(
        new Event(
            name, node != null, start - began, nanos, nanos - within[0], bytes(out), sequence));
    return out;
  }

  private static long sequence(Tensor[] out) {
    for (Tensor t : out) if (t.gradFn() != null) return t.gradFn().recorded();
    return 0;
  }

  private static long bytes(Tensor[] out) {
    long bytes = 0;
    for (Tensor t : out) if (t != null) bytes += (long) t.numel() * t.dtype().bytes();
    return bytes;
  }

  /** The measurements so far, in the order they ended. */
  public List<Event> events() {
    return Collections.unmodifiableList(events);
  }

  private static final class Row {
    private int calls;
    private long self;
    private long total;
    private long bytes;
  }

  /** A line an operation, the one that took longest first. */
  public String table() {
    Map<String, Row> rows = new TreeMap<>();
    for (Event e : events) {
      Row row = rows.computeIfAbsent(e.name, name -> new Row());
      row.calls++;
      row.self += e.selfNanos;
      row.total += e.nanos;
      row.bytes += e.bytes;
    }
    StringBuilder text =
        new StringBuilder(
            String.format(
                "%-28s %8s %12s %12s %14s%n", "name", "calls", "self us", "total us", "bytes"));
    rows.entrySet().stream()
        .sorted(Comparator.comparingLong((Map.Entry<String, Row> r) -> -r.getValue().self))
        .forEach(r -> text.append(line(r.getKey(), r.getValue())));
    return text.toString();
  }

  private static String line(String name, Row row) {
    return String.format(
        Locale.ROOT,
        "%-28s %8d %12.1f %12.1f %14d%n",
        name,
        row.calls,
        row.self / 1e3,
        row.total / 1e3,
        row.bytes);
  }

  /**
   * The calls as JSON for chrome://tracing or Perfetto, an arrow from each operation to its
   * derivative.
   */
  public String chromeTrace() {
    List<String> lines = new ArrayList<>();
    for (Event e : events) {
      lines.add(
          String.format(
              Locale.ROOT,
              "{\"name\":\"%s\",\"cat\":\"%s\",\"ph\":\"X\",\"pid\":0,\"tid\":0,\"ts\":%.3f,\"dur\":%.3f,"
                  + "\"args\":{\"bytes\":%d,\"sequence\":%d}}",
              e.name,
              e.isBackward ? "backward" : "forward",
              e.start / 1e3,
              e.nanos / 1e3,
              e.bytes,
              e.sequence));
      if (e.sequence > 0) lines.add(arrow(e));
    }
    return "{\"traceEvents\":[\n" + String.join(",\n", lines) + "\n]}";
  }

  private static String arrow(Event e) {
    return String.format(
        Locale.ROOT,
        "{\"name\":\"fwdbwd\",\"cat\":\"fwdbwd\",\"ph\":\"%s\",%s\"id\":%d,\"pid\":0,\"tid\":0,\"ts\":%.3f}",
        e.isBackward ? "f" : "s",
        e.isBackward ? "\"bp\":\"e\"," : "",
        e.sequence,
        e.start / 1e3);
  }
}
