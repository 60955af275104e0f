package io.sparkgrad.cluster.fitting;

import io.sparkgrad.Device;
import io.sparkgrad.RowSparse;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.Use;
import io.sparkgrad.backend.cpu.Blas;
import io.sparkgrad.backend.onednn.OneDnn;
import io.sparkgrad.cluster.ingest.RowBlock;
import io.sparkgrad.cluster.ingest.Rows;
import io.sparkgrad.cluster.ingest.StepRows;
import io.sparkgrad.cluster.ps.PsRuntime;
import io.sparkgrad.cluster.ps.RunFailedException;
import io.sparkgrad.cluster.ps.RunSpec;
import io.sparkgrad.cluster.ps.TableRows;
import io.sparkgrad.cluster.ps.TaskInfo;
import io.sparkgrad.cluster.ps.TaskSession;
import io.sparkgrad.cluster.trained.Weights;
import io.sparkgrad.nn.Batch;
import io.sparkgrad.nn.BatchLoss;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.nn.Module;
import io.sparkgrad.random.Generator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.shuffle.FetchFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Spark task of a run: computes the gradients of the workers assigned to it, step after step. */
final class TrainTask implements FlatMapFunction<Iterator<RowBlock>, byte[]> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(TrainTask.class);

  private final ModelSupplier model;
  private final BatchLoss loss;
  private final long seed;
  private final boolean shuffle;
  private final int batchSize;
  private final int accumulate;
  private final Use gpu;
  private final Use oneDnn; // null: as each executor is set
  private final RunSpec spec;
  private final Rows rows;
  private final StepRows steps;
  private final Validation validation; // null: none
  private final Broadcast<float[]> initial;
  private final Broadcast<Weights> state; // null: what the supplier makes

  TrainTask(
      FitSettings settings,
      Use gpu,
      Use oneDnn,
      RunSpec spec,
      Rows rows,
      StepRows steps,
      Validation validation,
      Broadcast<float[]> initial,
      Broadcast<Weights> state) {
    this.model = settings.model();
    this.loss = settings.loss();
    this.seed = settings.passes().seed();
    this.shuffle = settings.passes().shuffle();
    this.batchSize = settings.passes().batchSize();
    this.accumulate = settings.passes().accumulate();
    this.gpu = gpu;
    this.oneDnn = oneDnn;
    this.spec = spec;
    this.rows = rows;
    this.steps = steps;
    this.validation = validation;
    this.initial = initial;
    this.state = state;
  }

  /**
   * Trains until the run ends, on the rows of the assigned workers: the partition that Spark gave
   * the task is not read.
   */
  @Override
  public Iterator<byte[]> call(Iterator<RowBlock> ignored) {
    Blas.load();
    OneDnn.use(oneDnn);
    TaskContext task = TaskContext.get();
    TaskInfo info = TaskInfo.of(task);
    try (TaskSession session = PsRuntime.join(spec, info, initial.value())) {
      return List.of(train(session, task, info).toBytes()).iterator();
    } catch (RunFailedException e) {
      throw e.isElsewhere() ? e.brief() : e;
    } finally {
      TensorScope.emptyCache(); // the thread is Spark's, and may live on
    }
  }

  private TaskReport train(TaskSession session, TaskContext task, TaskInfo info) {
    try (var memory = TensorScope.open();
        Loop loop = new Loop(task, info.executorId())) {
      return loop.train(session);
    } catch (Throwable e) { // Scala code throws checked ones undeclared
      RunFailedException failure = failure(e);
      if (isSparksAffair(e)) session.leave(failure);
      else session.fail(failure);
      if (Gpus.isLost(e)) Gpus.endExecutor(e);
      if (e instanceof PlacedException placed) throw placed.asThrown();
      throw e;
    }
  }

  /** What the driver is told. */
  private static RunFailedException failure(Throwable error) {
    if (error instanceof PlacedException placed) return placed.failure();
    return error instanceof RunFailedException known
        ? known
        : new RunFailedException(UserError.text(error));
  }

  /* Rows that lay with a lost executor are computed once more, for which Spark first repeats what
   * they come from, and then starts this task again. */
  private static boolean isSparksAffair(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause())
      if (e instanceof FetchFailedException) return true;
    return false;
  }

  /** An executor was lost while a model waited for rows: the step comes again. */
  private static final class StepVoid extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StepVoid() {
      super("the step is void", null, false, false);
    }
  }

  /** The task's loop: its own model over the executor's weights, and its workers' batches. */
  private final class Loop implements AutoCloseable {
    private final TaskContext task;
    private final String executor;
    private final Device device;
    private final Module module;
    private final FlatParameters parameters;
    private final Batches batches;
    private final LookAhead lookAhead = new LookAhead(spec.tables().size());
    private final StepTimes times = new StepTimes();
    private long pushNanos; // of the running step

    Loop(TaskContext task, String executor) {
      this.task = task;
      this.executor = executor;
      device = Gpus.of(gpu, task);
      try (var random = Generator.use(new Generator(seed))) {
        module = model.get();
      }
      module.to(device);
      parameters = new FlatParameters(module);
      if (state != null) state.value().copyTo(module);
      batches = new Batches(rows, steps, device, task, shuffle ? seed : null);
    }

    /** Has the model's look-ups ask the run for rows. */
    private void readFrom(TaskSession session) {
      if (spec.tables().isEmpty()) return;
      parameters.onReads(
          (table, ids) -> {
            if (lookAhead.note(table, ids)) return;
            if (!session.read(table, ids)) throw new StepVoid();
            parameters.uploadRows(table, ids, session.weights());
          });
    }

    TaskReport train(TaskSession session) {
      boolean bound = false;
      readFrom(session);
      while (session.next()) {
        if (bound) parameters.upload(session.weights());
        else parameters.bind(session.weights(), device);
        bound = true;
        while (!session.mustScore()) if (!step(session)) return report(session);
        score(session);
      }
      return report(session);
    }

    private void score(TaskSession session) {
      long step = session.step();
      parameters.restoreBuffers(session.weights());
      try (var mode = module.evaluating()) {
        session.submitScores(
            validation.score(module, device, session.workers(), step, epochs(step), task));
      } catch (StepVoid e) {
        LOG.debug("the scores at step {} come again", step, e);
      }
    }

    /** Does a step and waits for the next one; false when the run is over. */
    private boolean step(TaskSession session) {
      long start = System.nanoTime();
      pushNanos = 0;
      int[] workers = session.workers();
      boolean valid = true;
      for (int i = 0; valid && i < workers.length; i++) valid = push(session, workers, i);
      long pushed = System.nanoTime();
      if (!session.next()) return false;
      parameters.upload(session.weights());
      times.add(pushed - start - pushNanos, pushNanos, System.nanoTime() - pushed);
      return true;
    }

    private TaskReport report(TaskSession session) {
      return new TaskReport(session.finish(), times, Processor.of(executor, device));
    }

    /** Pushes a worker's gradient; false if the step is void. */
    private boolean push(TaskSession session, int[] workers, int i) {
      long step = session.step();
      try (Batches.Loaded batch = batches.take(workers[i], step)) {
        if (batch == null) return session.push(workers[i], null, 0, 0);
        try (var random = Generator.use(Generator.of(seed, workers[i], step));
            var memory = TensorScope.open()) {
          parameters.restoreBuffers(session.weights());
          List<Tensor> losses = new ArrayList<>();
          double denominator = 0;
          for (Batch piece : batch.content().pieces(accumulate)) {
            try (var activations = TensorScope.open()) {
              lookAhead.begin();
              Loss.Value value = loss.of(module.forward(piece.inputs()), piece);
              value.sum().backward();
              losses.add(activations.keep(value.sum().detach()));
              denominator += value.denominator();
              activations.keep(module.tensors());
            }
          }
          if (device.isCuda()) fetchAhead(workers, i, step, memory);
          float[] gradient = session.buffer();
          BitSet present = parameters.present();
          List<TableRows> rows = takeGrads(gradient);
          int count = batch.rows().rows();
          parameters.takeBuffers(session.weights(), count, gradient, present);
          List<TableRows> next = nextRows(workers[i], step + 1, memory);
          double sum = 0;
          for (Tensor l : losses) sum += l.item();
          NotFinite.check(sum, denominator, parameters, session.weights());
          NotFinite.checkGradient(parameters, gradient);
          long start = System.nanoTime();
          boolean valid =
              session.push(workers[i], gradient, present, rows, next, sum, denominator, count);
          pushNanos += System.nanoTime() - start;
          memory.keep(module.tensors());
          return valid;
        } catch (StepVoid e) {
          return false;
        } catch (Exception e) {
          throw new PlacedException(place(step, workers[i], batch.rows()), e, batchSize);
        }
      }
    }

    /** Copies the dense gradients; returns those of tables, as far as these are rows. */
    private List<TableRows> takeGrads(float[] gradient) {
      if (spec.tables().isEmpty()) {
        parameters.takeGrads(gradient);
        return List.of();
      }
      List<RowSparse> grads = parameters.takeGradsByRows(gradient);
      List<TableRows> rows = new ArrayList<>();
      for (int t = 0; t < grads.size(); t++) {
        RowSparse g = grads.get(t);
        if (g == null || g.nnz() == 0) continue;
        int[] ids = Arrays.stream(g.indices().toLongs()).mapToInt(i -> (int) i).toArray();
        rows.add(new TableRows(t, ids, g.values().toFloats()));
      }
      return rows;
    }

    /** The rows that a worker will look up in its next step, as far as is known. */
    private List<TableRows> nextRows(int worker, long step, TensorScope memory) {
      if (spec.tables().isEmpty() || step == spec.totalSteps()) return List.of();
      Batches.Loaded batch = batches.fetchAhead(worker, step, memory);
      if (batch == null) return List.of();
      try (var random = Generator.use(Generator.of(seed, worker, step))) {
        return lookAhead.of(() -> module.forward(batch.inputs()));
      }
    }

    /* While the GPU still computes the gradients. The next worker is a guess where the assignment is about to change. */
    private void fetchAhead(int[] workers, int i, long step, TensorScope memory) {
      boolean last = i == workers.length - 1;
      batches.fetchAhead(last ? workers[0] : workers[i + 1], last ? step + 1 : step, memory);
    }

    private long epochs(long step) {
      return (step + steps.stepsPerEpoch() - 1) / steps.stepsPerEpoch();
    }

    private String place(long step, int worker, RowBlock batch) {
      StringBuilder rows = new StringBuilder();
      for (int i = 0; i < Math.min(3, batch.rows()); i++)
        rows.append(i == 0 ? "" : ", ").append(batch.row(i));
      if (batch.rows() > 3) rows.append(", ...");
      return "epoch %d, step %d, worker %d (%d rows: %s)"
          .formatted(step / steps.stepsPerEpoch() + 1, step, worker, batch.rows(), rows);
    }

    @Override
    public void close() {
      batches.close();
    }
  }
}
