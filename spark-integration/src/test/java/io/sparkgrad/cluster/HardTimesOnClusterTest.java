package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.cluster.fitting.Epoch;
import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to an executor short of its loss: the run goes on, to the same bits. */
@Tag("cluster")
class HardTimesOnClusterTest {
  private static final int EPOCHS = 40;
  private static final int MANY_FILES = 4096;
  private static final Pattern LACK = // a class is a file, too
      Pattern.compile("[Tt]oo many open files|file handles are open|NoClassDefFoundError");

  @RegisterExtension static final SparkCluster spark = SparkCluster.processes();

  private static String weights(Consumer<Epoch> onEpoch) {
    Dataset<Row> data = PlainLoop.data(spark.session(), 2);
    return PlainLoop.trainer(2).epochs(EPOCHS).onEpoch(onEpoch).fit(data).weightsSha256();
  }

  @Test
  void anExecutorThatStandsStillForSomeSecondsIsWaitedFor() {
    anExecutorThatStandsStillIsWaitedFor(4);
  }

  @Test
  @Tag("matrix")
  void anExecutorThatStandsStillForAMinuteIsWaitedFor() {
    anExecutorThatStandsStillIsWaitedFor(60);
  }

  private static void anExecutorThatStandsStillIsWaitedFor(long seconds) {
    String expected = weights(e -> {});
    ProcessHandle executor = SparkCluster.executors().get(0);
    CompletableFuture<Void> resumed = new CompletableFuture<>();
    int[] epochs = {0, 0}; // reported, and those of them before the executor went on
    String paused =
        weights(
            e -> {
              epochs[0]++;
              if (!resumed.isDone()) epochs[1]++;
              if (epochs[0] > 1) return;
              run("kill", "-STOP", "" + executor.pid());
              CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS)
                  .execute(
                      () -> {
                        run("kill", "-CONT", "" + executor.pid());
                        resumed.complete(null);
                      });
            });
    resumed.join();
    assertEquals(expected, paused);
    assertEquals(EPOCHS, epochs[0]);
    assertTrue(epochs[1] < EPOCHS, "the run ended without the executor that stood still");
  }

  /** What a run opens, it opens at its start; and there a lack is named. */
  @Test
  @Tag("matrix")
  void executorsWithoutAFileHandleLeftTrainOnAndTheNextFitSaysWhatItLacks() {
    aLackInMidRunIsNamedByTheNextFit(
        x -> limit(x, "nofile", freeHandle(x, 0)),
        x -> limit(x, "nofile", MANY_FILES),
        "Too many open files");
  }

  /** A run that is under way writes nothing; reading the rows does. */
  @Test
  void executorsWithoutRoomOnTheirDiskTrainOnAndTheNextFitSaysWhatItLacks() {
    aLackInMidRunIsNamedByTheNextFit(
        x -> limit(x, "fsize", 0), x -> limit(x, "fsize", "unlimited"), "File too large");
  }

  private static void aLackInMidRunIsNamedByTheNextFit(
      Consumer<ProcessHandle> limit, Consumer<ProcessHandle> lift, String text) {
    String expected = weights(e -> {});
    List<ProcessHandle> executors = SparkCluster.executors();
    try {
      String limited =
          weights(
              e -> {
                if (e.number() == 1) executors.forEach(limit);
              });
      assertEquals(expected, limited);
      executors.forEach(limit); // of what that run gave back, too
      TrainingException e = assertThrows(TrainingException.class, () -> weights(x -> {}));
      assertTrue(e.getMessage().contains(text), e.getMessage());
    } finally {
      executors.forEach(lift);
    }
    assertEquals(expected, weights(x -> {}));
  }

  /** Too few for some part of it, whichever that is: a fit never waits without end. */
  @ParameterizedTest
  @ValueSource(ints = {2, 6, 10, 14, 18, 22, 30})
  @Tag("matrix")
  void aFitOfExecutorsWithFewFileHandlesGivesItsWeightsOrSaysWhatItLacks(int free) {
    String expected = weights(e -> {});
    List<ProcessHandle> executors = SparkCluster.executors();
    try {
      executors.forEach(x -> limit(x, "nofile", freeHandle(x, free)));
      assertEquals(expected, weights(x -> {}));
    } catch (TrainingException e) {
      assertTrue(LACK.matcher(e.getMessage()).find(), e.getMessage());
    } finally {
      executors.forEach(x -> limit(x, "nofile", MANY_FILES));
    }
  }

  /** The soft limit alone. */
  private static void limit(ProcessHandle process, String what, Object most) {
    if (process.isAlive())
      run("prlimit", "--pid", "" + process.pid(), "--%s=%s:".formatted(what, most));
  }

  /** The number of the handle that a process gets after it has taken so many. */
  private static int freeHandle(ProcessHandle process, int taken) {
    List<String> open = List.of(new File("/proc/" + process.pid() + "/fd").list());
    return IntStream.iterate(0, i -> i + 1)
        .filter(i -> !open.contains("" + i))
        .skip(taken)
        .findFirst()
        .orElseThrow();
  }

  private static void run(String... command) {
    try {
      Process p = new ProcessBuilder(command).inheritIO().start();
      assertEquals(0, p.waitFor(), String.join(" ", command));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
