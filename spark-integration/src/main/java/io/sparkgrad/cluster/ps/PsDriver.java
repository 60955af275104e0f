package io.sparkgrad.cluster.ps;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A run as the driver sees it: its coordinator, the endpoint and a thread. Thread-safe. */
public final class PsDriver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PsDriver.class);
  private static final long TELL_MS = 5_000; // for the executors to hear of a failure

  private final RunSpec spec;
  private final Transport transport;
  private final Coordinator coordinator;
  private final ScheduledThreadPoolExecutor thread;

  private PsDriver(
      RunSpec plan,
      Transport transport,
      Coordinator.Patience patience,
      LongSupplier nanos,
      Consumer<EpochLoss> onEpoch) {
    this.transport = transport;
    this.spec = plan.at(transport.address());
    this.thread =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              Thread t = new Thread(work, "sparkgrad-driver");
              t.setDaemon(true);
              return t;
            },
            (late, pool) -> {}); // closed: nobody listens any more
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false); // no alarm outlives the run
    this.coordinator =
        new Coordinator(
            spec,
            transport,
            new Coordinator.Timer() {
              @Override
              public void after(long ms, Runnable action) {
                thread.schedule(action, ms, TimeUnit.MILLISECONDS);
              }

              @Override
              public long nanos() {
                return nanos.getAsLong();
              }
            },
            patience,
            thread,
            e -> tell(onEpoch, e));
    transport.serve(coordinator);
  }

  /**
   * Opens the driver's side of a run.
   *
   * @param host where executors reach the driver; it listens at spark.driver.bindAddress if set
   * @param nanos the clock by which {@link Until#maxNanos} counts
   * @param onEpoch told of each epoch in order, on a thread of its own; what it throws is logged
   * @throws IllegalStateException if Spark is told to protect in a way that we cannot
   */
  public static PsDriver open(
      RunSpec plan, String host, LongSupplier nanos, Consumer<EpochLoss> onEpoch) {
    return open(plan, host, Security.current(), Coordinator.Patience.DEFAULT, nanos, onEpoch);
  }

  /** As above, by the system's clock. */
  public static PsDriver open(RunSpec plan, String host, Consumer<EpochLoss> onEpoch) {
    return open(plan, host, System::nanoTime, onEpoch);
  }

  static PsDriver open(
      RunSpec plan,
      String host,
      Security security,
      Coordinator.Patience patience,
      LongSupplier nanos,
      Consumer<EpochLoss> onEpoch) {
    String bind = security.conf().getOrDefault("spark.driver.bindAddress", host);
    return new PsDriver(
        plan, plan.transport().open(host, bind, security), patience, nanos, onEpoch);
  }

  /** What tasks need to join; goes into the closure. */
  public RunSpec spec() {
    return spec;
  }

  /** Spark lost an executor, for this reason. Harmless for executors that take no part. */
  public void executorLost(String executorId, String reason) {
    coordinator.executorLost(executorId, reason);
  }

  /** Ends the run for a reason of the driver; the first reason stays. */
  public void fail(String text) {
    coordinator.fail(text);
  }

  /** Completes when all tasks finished; fails with the {@link RunFailedException} of the run. */
  public CompletableFuture<Void> finished() {
    return coordinator.finished();
  }

  /** How the run ended, once it is {@link #finished}. */
  public Ending ending() {
    return coordinator.ending();
  }

  public long finishedSteps() {
    return coordinator.finishedSteps();
  }

  /** Tasks that asked to take part so far. */
  int joined() {
    return coordinator.joined();
  }

  /** Fault injection: the driver is gone without a word. */
  void cutOff() {
    transport.close();
  }

  /** Ends a run that is not finished, and leaves nothing behind. */
  @Override
  public void close() {
    coordinator.fail(
        "the driver closed the run at step " + finishedSteps() + " of " + spec.totalSteps());
    if (finished().isCompletedExceptionally()) awaitTold();
    thread.shutdown();
    transport.close();
  }

  private void awaitTold() {
    try {
      coordinator.told().get(TELL_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("some executors did not hear that the run failed", e);
    }
  }

  private static void tell(Consumer<EpochLoss> onEpoch, EpochLoss e) {
    try {
      onEpoch.accept(e);
    } catch (RuntimeException broken) {
      LOG.warn("the listener failed at {}", e, broken);
    }
  }
}
