package io.sparkgrad.cluster.fitting;

import io.sparkgrad.backend.cuda.GpuSetting;
import io.sparkgrad.cluster.ingest.RowBlock;
import io.sparkgrad.cluster.ingest.RowReader;
import io.sparkgrad.cluster.ingest.Rows;
import io.sparkgrad.cluster.ingest.StepRows;
import io.sparkgrad.cluster.notebook.LiveTable;
import io.sparkgrad.cluster.notebook.Zeppelin;
import io.sparkgrad.cluster.ps.EpochLoss;
import io.sparkgrad.cluster.ps.PsDriver;
import io.sparkgrad.cluster.ps.RunFailedException;
import io.sparkgrad.cluster.ps.RunSpec;
import io.sparkgrad.cluster.ps.StopCriteria;
import io.sparkgrad.cluster.ps.TransportSpec;
import io.sparkgrad.cluster.trained.TrainedModel;
import io.sparkgrad.cluster.trained.TrainingFacts;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Module;
import io.sparkgrad.random.Generator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one fit on the driver: reads the rows, checks that settings, data and model match, runs one
 * Spark job and waits for it. Other threads may look and {@link #stop} meanwhile.
 */
public final class Fit {
  private static final Logger LOG = LoggerFactory.getLogger(Fit.class);
  private static final String CHAOS = "spark.sparkgrad.chaos";
  private static final long POLL_MS = 50;
  private static final long LOG_WAITING_MS = 10_000;
  private static final long CAUSE_MS =
      10_000; // for the coordinator to name the cause of a failed job

  private final FitSettings settings;
  private final Dataset<Row> data;
  private final JavaSparkContext spark;
  private final GpuSetting gpu;
  private final ConcurrentLinkedQueue<EpochLoss> unreported = new ConcurrentLinkedQueue<>();
  private final History history;
  private final LiveTable printed; // null: not asked for
  private volatile Progress.Phase phase = Progress.Phase.READING;
  private volatile Job job; // null until it starts
  private boolean stopped; // guarded by this

  public Fit(FitSettings settings, Dataset<Row> data) {
    this.settings = settings;
    this.data = data;
    this.history = new History(settings);
    this.spark = JavaSparkContext.fromSparkContext(data.sparkSession().sparkContext());
    this.gpu = Gpus.setting(settings.gpu(), data.sparkSession());
    this.printed = settings.printEpochs() ? new LiveTable(System.out, Zeppelin.isHere()) : null;
  }

  /**
   * Trains, and blocks until it is done.
   *
   * @throws IllegalArgumentException if settings, data and model do not match
   * @throws RunFailedException if the run failed
   */
  public FitResult run() {
    try (FitJobs jobs = FitJobs.open(spark, settings.label())) {
      FitResult result = run(jobs);
      phase = Progress.Phase.FINISHED;
      return result;
    } catch (Throwable e) { // Spark throws InterruptedException undeclared
      Throwable cause = e instanceof RunFailedException ? e.getCause() : e;
      if (!(cause instanceof InterruptedException)) throw e;
      Thread.currentThread().interrupt(); // not before all is closed: Spark then fails to unpersist
      if (e instanceof RunFailedException run) throw run;
      throw new RunFailedException("fit was interrupted while it read the rows", e);
    } finally {
      if (printed != null) printed.close();
      if (phase != Progress.Phase.FINISHED) phase = Progress.Phase.FAILED;
    }
  }

  private FitResult run(FitJobs jobs) {
    TransportSpec transport = transport();
    transport.check();
    Gpus.check(gpu, spark);
    int slots = Slots.of(spark);
    int workers = settings.workers() > 0 ? settings.workers() : defaultWorkers(slots);
    Module model = newModel();
    FlatParameters parameters = new FlatParameters(model);
    HeapNeed.check(
        spark, parameters.numel(), settings.optimizer().slots().size(), Math.min(workers, slots));
    Validation.check(settings, data);
    long start = System.nanoTime();
    jobs.describe("reads the rows");
    try (Rows rows = read(model, workers);
        Validation validation = Validation.read(settings, model, rows)) {
      double readSeconds = (System.nanoTime() - start) / 1e9;
      StepRows steps = rows.steps(settings.batchSize());
      RunSpec spec =
          RunSpec.of(
                  UUID.randomUUID().toString(),
                  parameters.numel(),
                  workers,
                  Math.multiplyExact(steps.stepsPerEpoch(), (long) settings.epochs()),
                  steps.stepsPerEpoch(),
                  settings.optimizer(),
                  transport,
                  Math.min(workers, slots))
              .stoppingBy(stopCriteria());
      jobs.describe("trains %d epochs on %,d rows".formatted(settings.epochs(), rows.count()));
      JobResult job = train(spec, rows, steps, validation, parameters.toFloats());
      parameters.bind(TaskReport.weights(spec.numel(), job.reports));
      List<Processor> processors = TaskReport.processors(job.reports);
      return new FitResult(
          TrainedModel.of(settings.model(), model, facts(rows, processors)),
          parameters.toFloats(),
          history,
          workers,
          settings.seed(),
          job.seconds,
          readSeconds,
          TaskReport.wire(job.reports),
          TaskReport.times(job.reports),
          processors);
    }
  }

  private TrainingFacts facts(Rows rows, List<Processor> processors) {
    Map<String, String> run = new LinkedHashMap<>();
    run.put("label", settings.label());
    run.put("seed", Long.toString(settings.seed()));
    run.put("workers", Integer.toString(rows.workers()));
    run.put("epochs", Integer.toString(history.losses().size()));
    run.put("batchSize", Integer.toString(settings.batchSize()));
    run.put("rows", Long.toString(rows.count()));
    run.put("steps", Long.toString(history.steps()));
    run.put(
        "processors",
        processors.stream().map(Processor::toString).collect(Collectors.joining(", ")));
    run.put("spark", rows.blocks().context().version());
    run.put("java", System.getProperty("java.version"));
    return new TrainingFacts(settings.features(), rows.widths(), history.series(), run);
  }

  /** Reads the training rows and checks that the model takes them. */
  private Rows read(Module model, int workers) {
    Rows rows =
        RowReader.read(data, settings.features(), settings.label(), workers, settings.rowOrder());
    try {
      Probe.check(model, settings, rows);
      return rows;
    } catch (RuntimeException e) {
      rows.close();
      throw e;
    }
  }

  private StopCriteria stopCriteria() {
    double nanos = settings.maxMinutes() * 60e9; // infinity becomes the largest long
    return new StopCriteria(settings.validation() != null, settings.patience(), (long) nanos);
  }

  private static int defaultWorkers(int slots) {
    int workers = Slots.powerOfTwo(slots);
    LOG.info(
        "{} workers for {} slots; the bits of the result depend on their count: pin it with .workers({})",
        workers,
        slots,
        workers);
    return workers;
  }

  private Module newModel() {
    try (var random = Generator.use(new Generator(settings.seed()))) {
      return settings.model().get();
    }
  }

  private TransportSpec transport() {
    TransportSpec transport = spark.isLocal() ? TransportSpec.local() : TransportSpec.spark();
    String chaos = data.sparkSession().conf().get(CHAOS, "");
    if (chaos.isEmpty()) return transport;
    if (chaos.equals("duplicate")) return transport.duplicating();
    if (chaos.equals("reset")) return transport.resetting();
    throw new IllegalArgumentException(
        "%s knows 'duplicate', which delivers every message twice, and 'reset', which breaks connections at random; got '%s'"
            .formatted(CHAOS, chaos));
  }

  /** The history so far. */
  public History history() {
    return history;
  }

  /**
   * Ends the training with a result at the next step boundary, which is after the first step at the
   * earliest; without effect once it has ended.
   */
  public synchronized void stop() {
    stopped = true;
    if (job != null) job.ps.stop();
  }

  public Progress progress() {
    Job now = job;
    int epochs = settings.epochs();
    if (now == null) return new Progress(phase, 0, epochs, 0, 0, Double.NaN, 0);
    long step = now.ps.finishedSteps();
    long perEpoch = now.steps.stepsPerEpoch();
    return new Progress(
        phase,
        (int) Math.min(step / perEpoch + 1, epochs),
        epochs,
        step,
        Math.multiplyExact(perEpoch, (long) epochs),
        history.lastLoss(),
        now.steps.rowsInSteps(step) / now.seconds());
  }

  /** The training job as other threads see it. */
  private static final class Job {
    final PsDriver ps;
    final StepRows steps;
    private final long start = System.nanoTime();
    private volatile double seconds; // 0: it runs

    Job(PsDriver ps, StepRows steps) {
      this.ps = ps;
      this.steps = steps;
    }

    double seconds() {
      return seconds > 0 ? seconds : sinceStart();
    }

    void end() {
      seconds = sinceStart();
    }

    private double sinceStart() {
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private record JobResult(List<TaskReport> reports, double seconds) {}

  private JobResult train(
      RunSpec spec, Rows rows, StepRows steps, Validation validation, float[] initial) {
    Broadcast<float[]> weights = spark.broadcast(initial);
    try (PsDriver ps =
            PsDriver.open(
                spec,
                spark.getConf().get("spark.driver.host"),
                settings.nanoClock(),
                unreported::add);
        ProgressLine line = progressLine(spec, rows)) {
      SparkListener watch = new ExecutorWatch(ps);
      spark.sc().addSparkListener(watch);
      try {
        Job running = started(ps, steps);
        TrainTask task = new TrainTask(settings, gpu, ps.spec(), rows, steps, validation, weights);
        JavaRDD<RowBlock> blocks =
            validation == null ? rows.blocks() : rows.blocks().union(validation.blocks());
        List<byte[]> reports =
            await(
                blocks.coalesce(spec.expectedTasks()).mapPartitions(task).collectAsync(), ps, line);
        ps.finished().join(); // then the last epoch is in the queue
        reportEpochs(line);
        history.end(ps.outcome(), steps);
        return new JobResult(reports.stream().map(TaskReport::ofBytes).toList(), running.seconds());
      } finally {
        job.end();
        spark.sc().removeSparkListener(watch);
      }
    } finally {
      weights.unpersist(false); // not destroy: a task that is being killed may still read it
    }
  }

  private synchronized Job started(PsDriver ps, StepRows steps) {
    phase = Progress.Phase.TRAINING;
    job = new Job(ps, steps);
    if (stopped) ps.stop();
    return job;
  }

  private ProgressLine progressLine(RunSpec spec, Rows rows) {
    boolean shown = spark.getConf().getBoolean("spark.ui.showConsoleProgress", false);
    return new ProgressLine(
        shown ? System.err : null,
        Integer.parseInt(System.getenv().getOrDefault("COLUMNS", "80")), // as Spark's own line
        System::nanoTime,
        spec.totalSteps(),
        spec.stepsPerEpoch(),
        spec.workers(),
        (double) rows.count() / spec.stepsPerEpoch());
  }

  /** Reports to the run that Spark lost an executor, and why. */
  private static final class ExecutorWatch extends SparkListener {
    private final PsDriver ps;

    ExecutorWatch(PsDriver ps) {
      this.ps = ps;
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
      ps.executorLost(event.executorId(), event.reason());
    }
  }

  private <T> T await(Future<T> job, PsDriver ps, ProgressLine line) {
    long start = System.nanoTime();
    boolean logged = false;
    try {
      while (true) {
        reportEpochs(line);
        line.update(ps.finishedSteps(), history.lastLoss());
        if (ps.finished().isCompletedExceptionally()) throw cause(ps);
        long waitedMs = (System.nanoTime() - start) / 1_000_000;
        if (!logged && waitedMs > LOG_WAITING_MS && ps.finishedSteps() == 0) {
          logged = true;
          LOG.warn(
              "no step is done after {} s: Spark may be busy with other jobs, or the first step is long",
              waitedMs / 1000);
        }
        try {
          return job.get(POLL_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException stillRunning) {
          continue;
        }
      }
    } catch (InterruptedException e) {
      ps.fail("the thread that called fit was interrupted");
      throw new RunFailedException("fit was interrupted at step " + ps.finishedSteps(), e);
    } catch (ExecutionException | CancellationException e) {
      throw jobEnded(e, ps);
    } finally {
      job.cancel(true);
    }
  }

  /**
   * Says why Spark ended the job: by the run's failure if it failed, else by Spark's own reason.
   */
  private static RunFailedException jobEnded(Exception e, PsDriver ps) {
    Throwable reason = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
    if (!isCancelled(reason)) {
      try {
        ps.finished().get(CAUSE_MS, TimeUnit.MILLISECONDS);
      } catch (ExecutionException failed) {
        RunFailedException cause = cause(ps);
        cause.addSuppressed(reason);
        return cause;
      } catch (TimeoutException none) {
        LOG.debug("no cause but the job's own", none);
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
      }
    }
    String text =
        "Spark ended the job of the run at step %s: %s"
            .formatted(ps.finishedSteps(), reason.getMessage());
    ps.fail(text);
    return new RunFailedException(text, reason);
  }

  private static boolean isCancelled(Throwable reason) {
    return reason instanceof CancellationException
        || String.valueOf(reason.getMessage()).contains("cancelled");
  }

  /** The run's failure, with the stack of the thread that called fit. */
  private static RunFailedException cause(PsDriver ps) {
    try {
      ps.finished().join();
    } catch (CompletionException e) {
      return new RunFailedException(e.getCause().getMessage(), e.getCause());
    }
    throw new IllegalStateException("the run did not fail");
  }

  private void reportEpochs(ProgressLine line) {
    for (EpochLoss e; (e = unreported.poll()) != null; ) {
      line.clear(); // the listener may print
      Epoch epoch = history.add(e);
      if (printed != null) printed.add(epoch.number(), history.lastNumbers());
      settings.onEpoch().accept(epoch);
    }
  }
}
