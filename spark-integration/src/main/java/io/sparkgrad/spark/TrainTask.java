package io.sparkgrad.spark;

import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cpu.Blas;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Module;
import io.sparkgrad.random.Generator;
import io.sparkgrad.spark.ps.PsRuntime;
import io.sparkgrad.spark.ps.RunSpec;
import io.sparkgrad.spark.ps.Seat;
import io.sparkgrad.spark.ps.TaskInfo;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;

/** What a Spark task of a run does: the gradients of the workers it leases, step after step. */
final class TrainTask implements FlatMapFunction<Iterator<RowBlock>, byte[]> {
  private static final long serialVersionUID = 1L;

  private final SparkTrainer.Model model;
  private final Loss loss;
  private final long seed;
  private final boolean shuffle;
  private final RunSpec run;
  private final Rows rows;
  private final StepRows steps;
  private final Validation validation; // null: none
  private final Broadcast<float[]> initial;

  TrainTask(
      SparkTrainer settings,
      RunSpec run,
      Rows rows,
      StepRows steps,
      Validation validation,
      Broadcast<float[]> initial) {
    this.model = settings.model;
    this.loss = settings.loss;
    this.seed = settings.seed;
    this.shuffle = settings.shuffle;
    this.run = run;
    this.rows = rows;
    this.steps = steps;
    this.validation = validation;
    this.initial = initial;
  }

  /**
   * Which rows are read is a matter of leases: the partition that Spark gave the task stays
   * untouched.
   */
  @Override
  public Iterator<byte[]> call(Iterator<RowBlock> ignored) {
    Blas.load();
    TaskContext task = TaskContext.get();
    Loop loop = new Loop(task);
    try (Seat seat = PsRuntime.join(run, TaskInfo.of(task), initial.value())) {
      try {
        return List.of(loop.run(seat).toBytes()).iterator();
      } catch (RuntimeException | Error e) {
        seat.fail(e);
        throw e;
      }
    }
  }

  /** The targets of a batch: int64 if the label column holds whole numbers. */
  static Tensor targets(Rows rows, double... labels) {
    if (rows.labelIsInteger()) {
      long[] whole = new long[labels.length];
      for (int i = 0; i < whole.length; i++) whole[i] = (long) labels[i];
      return Tensor.of(whole, whole.length);
    }
    return Tensor.tensor(labels);
  }

  /**
   * The state of a task: its own model over the executor's weights, and a cursor for each worker it
   * serves.
   */
  private final class Loop {
    private final TaskContext task;
    private final Module module;
    private final FlatParameters parameters;
    private final Map<Integer, BatchCursor> cursors = new HashMap<>();
    private final StepTimes times = new StepTimes();
    private long epoch = -1;
    private long pushNanos; // of the running step

    Loop(TaskContext task) {
      this.task = task;
      try (var random = Generator.use(new Generator(seed))) {
        module = model.get();
      }
      parameters = new FlatParameters(module);
    }

    TaskReport run(Seat seat) {
      if (seat.hasNext()) parameters.bind(seat.weights());
      score(seat); // a late task may start where an epoch ends
      while (seat.hasNext()) {
        long start = System.nanoTime();
        pushNanos = 0;
        for (int worker : seat.workers()) push(seat, worker);
        long pushed = System.nanoTime();
        seat.awaitStep();
        times.add(pushed - start - pushNanos, pushNanos, System.nanoTime() - pushed);
        score(seat);
      }
      return new TaskReport(seat.finish(), times);
    }

    private void score(Seat seat) {
      if (seat.mustScore())
        seat.awaitVerdict(validation.score(module, seat.workers(), seat.step(), task));
    }

    private void push(Seat seat, int worker) {
      long step = seat.step() % steps.stepsPerEpoch();
      enterEpoch(seat.step() / steps.stepsPerEpoch());
      int n = steps.rowsOf(worker, step);
      if (n == 0) {
        seat.push(worker, null, 0, 0);
        return;
      }
      RowBlock batch = cursor(worker, step).next(n);
      try (var random = Generator.use(Generator.of(seed, worker, seat.step()))) {
        Tensor output = module.forward(Tensor.of(batch.features(), n, batch.width()));
        Loss.Value value = loss.of(output, targets(rows, batch.labels()));
        value.sum().backward();
        float[] gradient = seat.buffer();
        parameters.takeGrads(gradient);
        long start = System.nanoTime();
        seat.push(worker, gradient, value.sum().item(), value.denominator());
        pushNanos += System.nanoTime() - start;
      } catch (RuntimeException e) {
        throw new TrainingException(place(seat.step(), worker, batch) + ": " + text(e), e);
      }
    }

    private String place(long step, int worker, RowBlock batch) {
      StringBuilder rows = new StringBuilder();
      for (int i = 0; i < Math.min(3, batch.rows()); i++)
        rows.append(i == 0 ? "" : ", ").append(batch.row(i));
      if (batch.rows() > 3) rows.append(", ...");
      return "epoch %d, step %d, worker %d (%d rows: %s)"
          .formatted(epoch + 1, step, worker, batch.rows(), rows);
    }

    private static String text(RuntimeException e) {
      return e instanceof TrainingException ? e.getMessage() : e.toString();
    }

    private void enterEpoch(long of) {
      if (of == epoch) return;
      epoch = of;
      cursors.clear();
    }

    /* A worker whose lease moved here in mid-epoch, or came back, is found at its place by skipping what is done. */
    private BatchCursor cursor(int worker, long step) {
      return cursors.computeIfAbsent(
          worker,
          w -> {
            BatchCursor cursor =
                shuffle ? rows.openShuffled(w, task, seed, epoch) : rows.open(w, task);
            cursor.skip(steps.rowsBefore(w, step));
            return cursor;
          });
    }
  }
}
