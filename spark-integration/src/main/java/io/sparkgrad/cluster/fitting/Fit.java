package io.sparkgrad.cluster.fitting;

import io.sparkgrad.backend.Use;
import io.sparkgrad.cluster.ingest.FeatureColumns;
import io.sparkgrad.cluster.ingest.RowBlock;
import io.sparkgrad.cluster.ingest.RowReader;
import io.sparkgrad.cluster.ingest.RowSettings;
import io.sparkgrad.cluster.ingest.Rows;
import io.sparkgrad.cluster.ingest.StepRows;
import io.sparkgrad.cluster.ingest.Uninterrupted;
import io.sparkgrad.cluster.notebook.LiveTable;
import io.sparkgrad.cluster.notebook.Zeppelin;
import io.sparkgrad.cluster.ps.EpochLoss;
import io.sparkgrad.cluster.ps.PsDriver;
import io.sparkgrad.cluster.ps.Recovery;
import io.sparkgrad.cluster.ps.RowTable;
import io.sparkgrad.cluster.ps.RunFailedException;
import io.sparkgrad.cluster.ps.RunSpec;
import io.sparkgrad.cluster.ps.StopCriteria;
import io.sparkgrad.cluster.ps.TransportSpec;
import io.sparkgrad.cluster.trained.TrainedModel;
import io.sparkgrad.cluster.trained.TrainingFacts;
import io.sparkgrad.cluster.trained.Weights;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Metric;
import io.sparkgrad.nn.Module;
import io.sparkgrad.optim.Optimizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Runs one fit on the driver: reads the rows, checks that settings, data and model match, runs one
 * Spark job and waits for it. Other threads may look and {@link #stop} meanwhile.
 */
public final class Fit {
  private static final int EXACT_COUNTS = 1 << 24; // of a float32
  static final String ONEDNN = "spark.sparkgrad.onednn";
  static final String CHAOS = "spark.sparkgrad.chaos";

  private final FitSettings settings;
  private final Dataset<Row> data;
  private final JavaSparkContext spark;
  private final Use gpu;
  private final Use oneDnn; // null: as each executor is set
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
    String convolves = data.sparkSession().conf().get(ONEDNN, null);
    this.oneDnn = convolves == null ? null : Use.of(ONEDNN, convolves);
    this.printed = settings.printEpochs() ? new LiveTable(System.out, Zeppelin.isHere()) : null;
  }

  /**
   * Trains, and blocks until it is done.
   *
   * @throws IllegalArgumentException if settings, data and model do not match
   * @throws RunFailedException if the run failed
   * @throws java.io.UncheckedIOException within a streaming query that is stopped
   */
  public FitResult run() {
    try (FitJobs jobs = FitJobs.open(spark, settings.rows().learned())) {
      FitResult result = run(jobs);
      jobs.done();
      phase = Progress.Phase.FINISHED;
      return result;
    } catch (Exception e) { // Spark throws checked ones undeclared
      throw FitErrors.declared(e, spark);
    } finally {
      if (printed != null) printed.close();
      if (phase != Progress.Phase.FINISHED) phase = Progress.Phase.FAILED;
    }
  }

  private FitResult run(FitJobs jobs) throws InterruptedException {
    TransportSpec transport = transport();
    transport.check();
    Gpus.check(gpu, spark);
    int slots = Slots.of(spark);
    int workers =
        settings.passes().workers() > 0 ? settings.passes().workers() : Slots.powerOfTwo(slots);
    Module model = Preflight.check(settings, data);
    FlatParameters parameters = new FlatParameters(model);
    warmStart(model);
    List<Optimizer> rules = rules(model, parameters);
    List<RowTable> tables = tables(parameters, rules);
    long inTables = tables.stream().mapToLong(t -> (long) t.rows() * t.width()).sum();
    HeapNeed.check(
        spark,
        parameters.numel(),
        inTables,
        settings.optimizer().slots().size(),
        Math.min(workers, slots));
    long start = System.nanoTime();
    jobs.describe("reads the rows");
    try (Rows rows = read(model, workers);
        Validation validation = readValidation(jobs, model, rows)) {
      double readSeconds = (System.nanoTime() - start) / 1e9;
      StepRows steps = rows.steps(settings.passes().batchSize());
      float[] initial = parameters.toFloats();
      Probe.checkSingleRow(model, settings, rows, steps);
      long totalSteps =
          Math.multiplyExact(steps.stepsPerEpoch(), (long) settings.passes().epochs());
      if (parameters.wholeNumbers() > 0 && totalSteps > EXACT_COUNTS)
        throw new IllegalArgumentException(
            "the model's buffers of whole numbers count up to %,d steps, and %,d epochs have %,d: train fewer at a time"
                .formatted(EXACT_COUNTS, settings.passes().epochs(), totalSteps));
      RunSpec spec =
          RunSpec.of(
                  UUID.randomUUID().toString(),
                  parameters.numel(),
                  workers,
                  totalSteps,
                  steps.stepsPerEpoch(),
                  settings.optimizer(),
                  transport,
                  Math.min(workers, slots))
              .stoppingBy(stopCriteria())
              .withParameters(
                  lengths(parameters, tables),
                  parameters.buffers(),
                  parameters.wholeNumbers(),
                  tables)
              .withRules(rules);
      jobs.describe(
          "trains %d epochs on %,d rows".formatted(settings.passes().epochs(), rows.count()));
      String hint = Unscaled.hint(model, settings.rows().inputs().ofModel().columns(), rows);
      JobResult job = train(spec, rows, steps, validation, initial, state(model), hint);
      NotFinite.checkResult(parameters, job.weights, history.losses().size(), history.steps());
      parameters.bind(job.weights);
      List<Processor> processors = TaskReport.processors(job.reports);
      return new FitResult(
          TrainedModel.of(settings.model(), model, facts(model, rows, processors)),
          parameters.toFloats(),
          history,
          workers,
          settings.passes().seed(),
          job.seconds,
          readSeconds,
          rows.skipped().count(),
          TaskReport.wire(job.reports),
          TaskReport.times(job.reports),
          job.recoveries,
          processors);
    }
  }

  /* After FlatParameters has seen what tasks make: whole numbers travel as their change since. */
  private void warmStart(Module model) {
    if (settings.start() == null) return;
    try {
      model.loadStateDict(settings.start());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("warm start: " + e.getMessage(), e);
    }
    model
        .namedParameters()
        .forEach(
            (name, t) -> {
              if (t.isfinite().sum().item() < t.numel())
                throw new IllegalArgumentException(
                    "warm start: '%s' has numbers that are not finite: start from another model"
                        .formatted(name));
            });
  }

  /** Of each parameter, with the settings of its groups. */
  private List<Optimizer> rules(Module model, FlatParameters parameters) {
    try {
      return settings.optimizer().rulesFor(parameters.names());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "groups of the optimizer: " + e.getMessage() + frozen(model, parameters), e);
    }
  }

  private static String frozen(Module model, FlatParameters parameters) {
    Set<String> frozen = new LinkedHashSet<>(model.namedParameters().keySet());
    parameters.names().forEach(frozen::remove);
    return frozen.isEmpty() ? "" : "; frozen in the model are " + String.join(", ", frozen);
  }

  /** The tables of which a step moves the rows that it looks up; the others are trained whole. */
  private List<RowTable> tables(FlatParameters parameters, List<Optimizer> rules) {
    if (parameters.tables().isEmpty()) return List.of();
    try {
      settings.optimizer().checkSparse(parameters.tables().get(0).name());
    } catch (UnsupportedOperationException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    int dense = rules.size() - parameters.tables().size();
    if (!rules.stream().skip(dense).allMatch(Optimizer::stepsRows)) return List.of();
    return parameters.tables().stream()
        .map(t -> new RowTable(t.from(), t.rows(), t.width()))
        .toList();
  }

  /* Tables that are trained whole lie behind the other parameters. */
  private static List<Integer> lengths(FlatParameters parameters, List<RowTable> tables) {
    List<Integer> lengths = new ArrayList<>(parameters.lengths());
    if (tables.isEmpty())
      parameters.tables().forEach(t -> lengths.add(Math.multiplyExact(t.rows(), t.width())));
    return lengths;
  }

  private TrainingFacts facts(Module model, Rows rows, List<Processor> processors) {
    Map<String, String> run = new LinkedHashMap<>();
    RowSettings read = settings.rows();
    if (!read.labels().isEmpty())
      run.put(read.labels().size() == 1 ? "label" : "labels", read.learned());
    run.put("seed", Long.toString(settings.passes().seed()));
    run.put("workers", Integer.toString(rows.workers()));
    run.put("epochs", Integer.toString(history.losses().size()));
    run.put("batchSize", Integer.toString(settings.passes().batchSize()));
    run.put("rows", Long.toString(rows.count()));
    run.put("steps", Long.toString(history.steps()));
    run.put(
        "processors",
        processors.stream().map(Processor::toString).collect(Collectors.joining(", ")));
    run.put("spark", rows.blocks().context().version());
    run.put("java", System.getProperty("java.version"));
    return new TrainingFacts(
        settings.rows().inputs().ofModel(),
        Arrays.copyOf(rows.widths(), settings.rows().inputs().ofModel().columns().size()),
        history.series(),
        run,
        read.onlyLabel() == null ? List.of() : FeatureColumns.classNames(data, read.onlyLabel()),
        Probe.outputs(model, rows),
        read.invalid());
  }

  /** Reads the training rows and checks that the model takes them. */
  private Rows read(Module model, int workers) {
    Rows rows = RowReader.read(data, settings.rows(), workers, null);
    try {
      FitLog.skipped("training set", rows);
      Probe.check(model, settings, rows);
      return rows;
    } catch (Throwable e) { // Spark throws checked ones undeclared
      rows.close();
      throw e;
    }
  }

  private Validation readValidation(FitJobs jobs, Module model, Rows rows) {
    if (settings.validation() != null) jobs.describe("reads the validation rows");
    return Validation.read(settings, model, rows);
  }

  private StopCriteria stopCriteria() {
    double nanos = settings.stopping().maxMinutes() * 60e9; // infinity becomes the largest long
    return new StopCriteria(
        settings.validation() != null, objective(), settings.stopping().patience(), (long) nanos);
  }

  private StopCriteria.Objective objective() {
    if (settings.stopping().goal() == null) return StopCriteria.LOSS;
    List<String> names = List.copyOf(settings.metrics().keySet());
    Metric metric = settings.metrics().get(settings.stopping().goal());
    return new Goal(
        metric,
        1 + names.indexOf(settings.stopping().goal()),
        settings.stopping().higherIsBetter());
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
    int epochs = settings.passes().epochs();
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

  private record JobResult(
      List<TaskReport> reports, float[] weights, List<Recovery> recoveries, double seconds) {}

  /** All of a model's state, frozen parameters too, where tasks cannot make it by themselves. */
  private Broadcast<Weights> state(Module model) {
    return settings.start() == null ? null : spark.broadcast(Weights.of(model));
  }

  private JobResult train(
      RunSpec spec,
      Rows rows,
      StepRows steps,
      Validation validation,
      float[] initial,
      Broadcast<Weights> state,
      String hint)
      throws InterruptedException {
    Broadcast<float[]> weights = spark.broadcast(initial);
    try (PsDriver ps =
            PsDriver.open(
                spec,
                spark.getConf().get("spark.driver.host"),
                settings.stopping().nanoClock(),
                unreported::add);
        FitLog log = FitLog.start(settings, spec, rows, gpu, hint, ps::finishedSteps);
        ProgressLine line = progressLine(spec, rows)) {
      try {
        Job running = started(ps, steps);
        TrainTask task =
            new TrainTask(
                settings, gpu, oneDnn, ps.spec(), rows, steps, validation, weights, state);
        JavaRDD<RowBlock> blocks =
            validation == null ? rows.blocks() : rows.blocks().union(validation.blocks());
        List<byte[]> bytes =
            new RunTasks(spark, ps, () -> look(ps, log, line))
                .run(blocks.coalesce(spec.expectedTasks()).mapPartitions(task));
        reportEpochs(ps, log, line); // the last one
        history.end(ps.outcome(), steps);
        List<TaskReport> reports = bytes.stream().map(TaskReport::ofBytes).toList();
        JobResult result = new JobResult(reports, ps.result(), ps.recoveries(), running.seconds());
        log.end(history, result.seconds, result.recoveries, TaskReport.processors(reports));
        return result;
      } finally {
        job.end();
      }
    } finally {
      // Not destroy: a task that is being killed may still read it.
      Uninterrupted.run(() -> weights.unpersist(false));
      if (state != null) Uninterrupted.run(() -> state.unpersist(false));
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

  private void look(PsDriver ps, FitLog log, ProgressLine line) throws InterruptedException {
    reportEpochs(ps, log, line);
    line.update(ps.finishedSteps(), history.lastLoss());
  }

  private void reportEpochs(PsDriver ps, FitLog log, ProgressLine line)
      throws InterruptedException {
    for (EpochLoss e; (e = unreported.poll()) != null; ) {
      NotFinite.check(e);
      line.clear(); // the listener may print
      Epoch epoch = history.add(e);
      log.epoch(epoch, ps.finishedSteps());
      if (printed != null) printed.add(epoch.number(), history.lastNumbers());
      try {
        settings.onEpoch().accept(epoch);
      } catch (Exception error) { // Scala code throws checked ones undeclared
        if (error instanceof InterruptedException stop) throw stop;
        throw FitErrors.failed(
            "onEpoch failed after epoch %s: %s".formatted(epoch.number(), UserError.text(error)),
            error);
      }
    }
  }
}
