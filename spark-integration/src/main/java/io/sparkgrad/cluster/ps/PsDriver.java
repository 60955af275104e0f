package io.sparkgrad.cluster.ps;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The driver's side of a run: coordinator, endpoint and thread. Thread-safe. */
public final class PsDriver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PsDriver.class);
  private static final long ANNOUNCE_MS = 5_000; // to tell the executors of a failure

  private final RunSpec spec;
  private final Transport transport;
  private final Coordinator coordinator;
  private final ScheduledThreadPoolExecutor thread;

  private PsDriver(
      RunSpec spec,
      Transport transport,
      Coordinator.Timeouts timeouts,
      LongSupplier nanos,
      Consumer<EpochLoss> onEpoch) {
    this.transport = transport;
    this.spec = spec.at(transport.address());
    this.thread = PsRuntime.daemon("sparkgrad-driver");
    this.coordinator =
        new Coordinator(
            spec,
            transport,
            new Timer() {
              @Override
              public void after(long ms, Runnable action) {
                thread.schedule(action, ms, TimeUnit.MILLISECONDS);
              }

              @Override
              public long nanos() {
                return nanos.getAsLong();
              }
            },
            timeouts,
            thread,
            e -> notifyListener(onEpoch, e));
    transport.serve(Transport.onlyOf(spec.runId(), coordinator));
  }

  /**
   * Starts to listen for the tasks of a run.
   *
   * @param host where executors reach the driver; it listens at spark.driver.bindAddress if set
   * @param nanos clock of {@link StopCriteria#maxNanos}
   * @param onEpoch receives each epoch in order, on a thread of its own; what it throws is logged
   * @throws IllegalStateException if Spark is set to a protection that we cannot give
   */
  public static PsDriver open(
      RunSpec spec, String host, LongSupplier nanos, Consumer<EpochLoss> onEpoch) {
    return open(spec, host, Security.current(), Coordinator.Timeouts.DEFAULT, nanos, onEpoch);
  }

  /** As {@link #open(RunSpec, String, LongSupplier, Consumer)}, by the system's clock. */
  public static PsDriver open(RunSpec spec, String host, Consumer<EpochLoss> onEpoch) {
    return open(spec, host, System::nanoTime, onEpoch);
  }

  static PsDriver open(
      RunSpec spec,
      String host,
      Security security,
      Coordinator.Timeouts timeouts,
      LongSupplier nanos,
      Consumer<EpochLoss> onEpoch) {
    String bind = security.conf().getOrDefault("spark.driver.bindAddress", host);
    return new PsDriver(
        spec, spec.transport().open(host, bind, security), timeouts, nanos, onEpoch);
  }

  /** The specification that tasks join by; sent in their closure. */
  public RunSpec spec() {
    return spec;
  }

  /** Spark lost an executor: the run goes on without it; ignored if it takes no part. */
  public void executorLost(String executorId, String reason) {
    coordinator.executorLost(executorId, reason);
  }

  /** Ends the run with a result, at the next step boundary; without effect after the last one. */
  public void stop() {
    coordinator.stop();
  }

  /** Fails the run for a reason of the driver's; the first reason stays. */
  public void fail(String text) {
    coordinator.fail(text);
  }

  /** Completes when all tasks finished; fails with the {@link RunFailedException} of the run. */
  public CompletableFuture<Void> finished() {
    return coordinator.finished();
  }

  /** The end of the run, once it is {@link #finished}. */
  public RunOutcome outcome() {
    return coordinator.outcome();
  }

  /** The weights that the run gives, {@code [numel]}, once it is {@link #finished}. */
  public float[] result() {
    return coordinator.result();
  }

  /** How the run went on so far, each time after a loss, a task that came or went, or a stop. */
  public List<Recovery> recoveries() {
    return coordinator.recoveries();
  }

  /** Count of executors that the run lost so far. */
  public int losses() {
    return coordinator.losses();
  }

  /** Count of steps that are done, as far as was reported. */
  public long finishedSteps() {
    return coordinator.finishedSteps();
  }

  /** Count of tasks that asked to take part so far. */
  int joined() {
    return coordinator.joined();
  }

  /** Injects a fault: the driver is gone without a message. */
  void cutOff() {
    transport.close();
  }

  /** Fails a run that is not finished, and releases port and thread. */
  @Override
  public void close() {
    coordinator.fail(
        "the driver closed the run at step %s of %s".formatted(finishedSteps(), spec.totalSteps()));
    boolean well = finished().isDone() && !finished().isCompletedExceptionally();
    if (!well) awaitAnnouncement();
    thread.shutdown();
    transport.close();
  }

  private void awaitAnnouncement() {
    try {
      coordinator.failureAnnounced().get(ANNOUNCE_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("some executors did not hear that the run failed", e);
    }
  }

  private static void notifyListener(Consumer<EpochLoss> onEpoch, EpochLoss e) {
    try {
      onEpoch.accept(e);
    } catch (RuntimeException broken) {
      LOG.warn("the listener failed at {}", e, broken);
    }
  }
}
