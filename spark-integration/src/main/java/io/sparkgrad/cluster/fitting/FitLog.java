package io.sparkgrad.cluster.fitting;

import io.sparkgrad.backend.Use;
import io.sparkgrad.backend.cpu.Blas;
import io.sparkgrad.cluster.ingest.Rows;
import io.sparkgrad.cluster.ps.Recovery;
import io.sparkgrad.cluster.ps.RunSpec;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs a fit at INFO: its start once nothing is refused any more, each epoch, its end. A JVM that
 * is told to end in mid-run says on the console how far the run is. Used by the thread that called
 * fit.
 */
final class FitLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FitLog.class);
  private static final AtomicBoolean PIN_SAID = new AtomicBoolean();

  private final FitSettings settings;
  private final RunSpec spec;
  private final double rowsPerStep;
  private final AtomicReference<String> last = new AtomicReference<>("");
  private final Thread hook;
  private final long start = System.nanoTime();

  private FitLog(FitSettings settings, RunSpec spec, Rows rows, LongSupplier finishedSteps) {
    this.settings = settings;
    this.spec = spec;
    this.rowsPerStep = (double) rows.count() / spec.stepsPerEpoch();
    this.hook = new Thread(() -> System.err.println(reached(finishedSteps.getAsLong())));
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Logs the start.
   *
   * @param hint what may go wrong; null: nothing
   * @param finishedSteps asked where the run is
   */
  static FitLog start(
      FitSettings settings,
      RunSpec spec,
      Rows rows,
      Use gpu,
      String hint,
      LongSupplier finishedSteps) {
    if (hint != null) LOG.warn(hint);
    boolean pin = settings.passes().workers() == 0 && PIN_SAID.compareAndSet(false, true);
    LOG.info(
        String.format(
            Locale.ROOT,
            "fit of '%s': %,d rows of %,d numbers %s, %,d parameters, %s, %,d epochs of %,d steps,"
                + " %,d rows a step, seed %d, %d workers%s, BLAS %s, GPU %s",
            settings.rows().learned(),
            rows.count(),
            rows.width(),
            settings.rows().inputs().columns(),
            spec.numel(),
            settings.optimizer(),
            settings.passes().epochs(),
            spec.stepsPerEpoch(),
            settings.passes().batchSize(),
            settings.passes().seed(),
            spec.workers(),
            pin ? " (by the slots; .workers(" + spec.workers() + ") pins them, and the bits)" : "",
            Blas.name(),
            gpu.toString().toLowerCase(Locale.ROOT)));
    return new FitLog(settings, spec, rows, finishedSteps);
  }

  /** Logs the rows of a set that were left out, if there are some. */
  static void skipped(String set, Rows rows) {
    if (rows.skipped().count() > 0) LOG.warn("{}: {}", set, rows.skipped().text(rows.count()));
  }

  /** Logs an epoch, with the speed so far: epochs shorter than a look at the run have none. */
  void epoch(Epoch e, long finishedSteps) {
    double seconds = (System.nanoTime() - start) / 1e9;
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "loss %.6g", e.loss()));
    if (settings.validation() != null)
      text.append(String.format(Locale.ROOT, ", validation loss %.6g", e.validationLoss()));
    e.metrics().forEach((k, v) -> text.append(String.format(Locale.ROOT, ", %s %.6g", k, v)));
    last.set(", " + text);
    LOG.info(
        String.format(
            Locale.ROOT,
            "epoch %d of %d%s: %s, %,.0f rows/s",
            e.number(),
            e.of(),
            e.partial() ? " (cut short)" : "",
            text,
            finishedSteps * rowsPerStep / seconds));
  }

  /** Logs the end. */
  void end(History history, double seconds, List<Recovery> recoveries, List<Processor> processors) {
    int lost = recoveries.stream().mapToInt(Recovery::lost).sum();
    String where = processors.stream().map(Processor::toString).collect(Collectors.joining(", "));
    LOG.info(
        String.format(
            Locale.ROOT,
            "fit of '%s' is done (%s): %,d epochs, %,d steps in %.1f s, %,.0f rows/s%s%s, on %s",
            settings.rows().learned(),
            history.stopReason(),
            history.losses().size(),
            history.steps(),
            seconds,
            history.rows() / seconds,
            last.get(),
            lost == 0 ? "" : ", executors lost: " + lost,
            where));
  }

  private String reached(long step) {
    return "sparkgrad: the application ends; the fit of '%s' stops at %s%s"
        .formatted(settings.rows().learned(), at(spec, step), last.get());
  }

  /** Where a run is that has done so many steps. */
  static String at(RunSpec spec, long step) {
    long epochs = spec.totalSteps() / spec.stepsPerEpoch();
    long epoch = Math.min(step / spec.stepsPerEpoch() + 1, epochs);
    return "step %s of %s, in epoch %s of %s".formatted(step, spec.totalSteps(), epoch, epochs);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      LOG.debug("the JVM ends", e);
    }
  }
}
