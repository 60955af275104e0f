package io.sparkgrad.cluster.fitting;

import io.sparkgrad.cluster.ps.WireBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;

/** A task's report to the driver: the bytes of its executor, times and processor. */
record TaskReport(WireBytes wire, StepTimes times, Processor processor) implements Serializable {
  /* Task results go through spark.serializer, and Kryo 4, which Spark had up to 4.0, cannot fill records. */
  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(this);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static TaskReport ofBytes(byte[] bytes) {
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
      return (TaskReport) in.readObject();
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException("a task's report cannot be read", e);
    }
  }

  /** The processors that computed gradients: each device of an executor once, in order. */
  static List<Processor> processors(List<TaskReport> reports) {
    return reports.stream()
        .filter(r -> r.times().any())
        .map(TaskReport::processor)
        .distinct()
        .sorted(Comparator.comparing(Processor::executor).thenComparing(Processor::device))
        .toList();
  }

  /** The times of each task that did a step. */
  static List<StepTimes> times(List<TaskReport> reports) {
    return reports.stream().map(TaskReport::times).filter(StepTimes::any).toList();
  }

  /** Sums the network bytes. */
  static WireBytes wire(List<TaskReport> reports) {
    WireBytes wire = WireBytes.NONE;
    for (TaskReport r : reports) wire = wire.plus(r.wire());
    return wire;
  }
}
