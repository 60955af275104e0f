package io.sparkgrad.cluster.fitting;

import io.sparkgrad.Device;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.cluster.ingest.BatchCursor;
import io.sparkgrad.cluster.ingest.RowBlock;
import io.sparkgrad.cluster.ingest.Rows;
import io.sparkgrad.cluster.ingest.StepRows;
import io.sparkgrad.nn.Batch;
import io.sparkgrad.nn.Tensors;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.spark.TaskContext;

/**
 * Reads the batches of a task's workers to its device. The next one may be fetched ahead, so that
 * its copy to a GPU runs beside the computation. Used by the task's thread alone.
 */
final class Batches implements AutoCloseable {
  private final Rows rows;
  private final StepRows steps;
  private final Device device;
  private final TaskContext task;
  private final Long shuffleSeed; // null: in the rows' own order
  private final Map<Integer, Place> places = new HashMap<>(); // by worker
  private long epoch = -1; // of the places
  private final Map<Integer, Ahead> ahead = new HashMap<>(); // by worker

  /** A batch that is likely to be taken next. */
  private record Ahead(Loaded batch, long step) {}

  /** A cursor, and the step whose rows it stands before. */
  private record Place(BatchCursor cursor, long step) {}

  /** A batch as the model takes it; close frees its tensors. */
  record Loaded(RowBlock rows, Batch content) implements AutoCloseable {
    static Loaded of(Rows of, RowBlock rows, Device device) {
      Tensors inputs = of.tensors(rows, device);
      Tensor label = of.targets(rows);
      Tensor target = label == null ? of.inputs().itsOwnTarget(inputs) : label.to(device);
      return new Loaded(rows, new Batch(inputs, target, of.weights(rows, device)));
    }

    Tensors inputs() {
      return content.inputs();
    }

    void keepIn(TensorScope memory) {
      tensors().forEach(memory::keep);
    }

    /* The target may be an input. */
    private Set<Tensor> tensors() {
      Set<Tensor> all = Collections.newSetFromMap(new IdentityHashMap<>());
      all.addAll(inputs().values());
      if (content.target() != null) all.add(content.target());
      if (content.weights() != null) all.add(content.weights());
      return all;
    }

    @Override
    public void close() {
      for (Tensor t : tensors()) t.storage().free();
    }
  }

  Batches(Rows rows, StepRows steps, Device device, TaskContext task, Long shuffleSeed) {
    this.rows = rows;
    this.steps = steps;
    this.device = device;
    this.task = task;
    this.shuffleSeed = shuffleSeed;
  }

  /**
   * Returns a worker's batch of a step; null if it has no rows there. Fast in the order of steps;
   * else the rows are read from the beginning.
   */
  Loaded take(int worker, long step) {
    Ahead fetched = ahead.remove(worker);
    if (fetched == null) return fetch(worker, step);
    if (fetched.step() == step) return fetched.batch();
    fetched.batch().close();
    return fetch(worker, step);
  }

  /**
   * Fetches the batch that is likely to be taken next of a worker, within the epoch.
   *
   * @param memory the open scope, which the batch outlives
   * @return null if there is none
   */
  Loaded fetchAhead(int worker, long step, TensorScope memory) {
    if (step / steps.stepsPerEpoch() != epoch) return null;
    Ahead known = ahead.get(worker);
    if (known != null) return known.step() == step ? known.batch() : null;
    Loaded batch = fetch(worker, step);
    if (batch == null) return null;
    batch.keepIn(memory);
    ahead.put(worker, new Ahead(batch, step));
    return batch;
  }

  private Loaded fetch(int worker, long step) {
    enterEpoch(step / steps.stepsPerEpoch());
    long inEpoch = step % steps.stepsPerEpoch();
    int n = steps.rowsOf(worker, inEpoch);
    BatchCursor cursor = cursor(worker, inEpoch);
    places.put(worker, new Place(cursor, inEpoch + 1));
    return n == 0 ? null : Loaded.of(rows, cursor.next(n), device);
  }

  private void enterEpoch(long of) {
    if (of == epoch) return;
    epoch = of;
    places.clear();
  }

  /* A worker that was assigned to this task in mid-epoch starts at its place, and so does a step that is repeated: the
   * cursor skips what is done. */
  private BatchCursor cursor(int worker, long step) {
    Place at = places.get(worker);
    if (at != null && at.step() == step) return at.cursor();
    BatchCursor cursor =
        shuffleSeed != null
            ? rows.openShuffled(worker, task, shuffleSeed, epoch)
            : rows.open(worker, task);
    cursor.skip(steps.rowsBefore(worker, step));
    return cursor;
  }

  @Override
  public void close() {
    for (Ahead a : ahead.values()) a.batch().close();
    ahead.clear();
  }
}
