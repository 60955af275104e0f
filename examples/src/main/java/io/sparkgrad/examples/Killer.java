package io.sparkgrad.examples;

import io.sparkgrad.cluster.TrainingRun;
import io.sparkgrad.examples.Mortal.Order;
import io.sparkgrad.examples.Mortal.Phase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.spark.scheduler.JobSucceeded$;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerJobEnd;

/** The driver's side of {@link Soak}: says which executor dies, when and at which phase. */
final class Killer {
  private static final int LOOK_MS = 5;
  private static final int PATIENCE_S = 300; // for a kill, and for Spark to start another executor
  private static final int AHEAD = 20; // steps of a run that waits for the next kill
  private static final int MOST_TIMES =
      60; // updates of 512 numbers before the one that is the last

  /** What Spark's listener heard. */
  private static final class Heard extends SparkListener {
    final Set<String> removed = new ConcurrentSkipListSet<>();
    final AtomicInteger failedJobs = new AtomicInteger();

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
      removed.add(event.executorId());
    }

    @Override
    public void onJobEnd(SparkListenerJobEnd event) {
      if (!(event.jobResult() instanceof JobSucceeded$)) failedJobs.incrementAndGet();
    }
  }

  private final Heard heard = new Heard();
  private final Path folder;
  private final int executors;
  private final long steps;
  private final long stepsPerEpoch;
  private final List<Phase> phases;
  private final List<Double> seconds = new ArrayList<>();
  private final Random random;

  /**
   * @param folder that all processes see
   * @param executors of the cluster
   * @param steps of the run
   */
  Killer(Path folder, int executors, int kills, long steps, int epochs, long seed) {
    this.folder = folder;
    this.executors = executors;
    this.steps = steps;
    this.stepsPerEpoch = steps / epochs;
    this.random = new Random(seed);
    this.phases = phases(kills, random);
    limit(0);
  }

  /* Each phase once in a round. Nobody is there to follow at the first kill, and no step is left after the last. */
  private static List<Phase> phases(int kills, Random random) {
    List<Phase> phases = new ArrayList<>();
    while (phases.size() < kills) {
      List<Phase> round = Arrays.asList(Phase.values());
      do Collections.shuffle(round, random);
      while (follows(round.get(0)));
      phases.addAll(round);
    }
    phases = phases.subList(0, kills);
    if (kills > 0) phases.set(kills - 1, Phase.BEFORE_PUSH);
    return phases;
  }

  private static boolean follows(Phase p) {
    return p == Phase.RECOVERY || p == Phase.JOINING;
  }

  SparkListener listener() {
    return heard;
  }

  /** Kills while the run trains; returns when all are dead, or the run is over. */
  void kill(TrainingRun run) throws InterruptedException {
    for (int i = 0; i < phases.size(); i++) {
      if (!follows(phases.get(i))) awaitFullStrength(run, at(i));
      if (phases.get(i) != Phase.JOINING) order(run, i);
      Path dead = folder.resolve("dead-" + i);
      await("the death of kill " + i, run, () -> Files.exists(dead));
      long start = System.nanoTime();
      if (i + 1 < phases.size() && phases.get(i + 1) == Phase.JOINING) order(run, i + 1);
      int known = i + 1;
      await("Spark's word of kill " + i, null, () -> heard.removed.size() >= known);
      long step = run.progress().step();
      limit(step + AHEAD);
      await("a step after kill " + i, run, () -> run.progress().step() > step);
      seconds.add((System.nanoTime() - start) / 1e9);
    }
    limit(steps);
  }

  /** The step of a kill that follows no other one, evenly from the first step to the last. */
  private long at(int kill) {
    int last = phases.size() - 1;
    return kill > 0 && kill == last ? steps - 1 : kill * (steps - 3L * AHEAD) / Math.max(1, last);
  }

  private void awaitFullStrength(TrainingRun run, long step) throws InterruptedException {
    limit(step);
    await("all executors to compute", run, () -> computing().size() == executors);
    await("step " + step, run, () -> run.progress().step() >= step);
  }

  private List<String> computing() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(f -> f.startsWith(Mortal.COMPUTES))
          .map(f -> f.substring(Mortal.COMPUTES.length()))
          .filter(executor -> !heard.removed.contains(executor))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void order(TrainingRun run, int kill) {
    Phase phase = phases.get(kill);
    List<String> alive = computing();
    String victim = phase == Phase.JOINING ? "" : alive.get(random.nextInt(alive.size()));
    int times = phase == Phase.BETWEEN_SEGMENTS ? random.nextInt(MOST_TIMES) : 0;
    long reached = Math.max(run.progress().step(), at(kill));
    if (phase == Phase.VALIDATION) reached += stepsPerEpoch;
    Mortal.write(folder, "order", new Order(kill, victim, phase, times).toString());
    limit(reached + AHEAD);
  }

  private void limit(long step) {
    Mortal.write(folder, "limit", "" + step);
  }

  private static void await(String what, TrainingRun run, BooleanSupplier done)
      throws InterruptedException {
    long end = System.nanoTime() + PATIENCE_S * 1_000_000_000L;
    while (!done.getAsBoolean() && (run == null || !run.isDone())) {
      if (System.nanoTime() > end)
        throw new IllegalStateException("waited %s s for %s".formatted(PATIENCE_S, what));
      Thread.sleep(LOOK_MS);
    }
  }

  /** Count of executors that Spark lost. */
  int kills() {
    return heard.removed.size();
  }

  /** Count of jobs that Spark gave up. */
  int failedJobs() {
    return heard.failedJobs.get();
  }

  /** From each death to the next step, in order. */
  List<Double> seconds() {
    return seconds;
  }
}
