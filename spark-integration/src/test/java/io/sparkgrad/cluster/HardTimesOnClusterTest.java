package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.cluster.fitting.Epoch;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What happens to an executor short of its loss: the run goes on, to the same bits. */
@Tag("cluster")
class HardTimesOnClusterTest {
  private static final int EPOCHS = 40;
  private static final long PAUSE_S = 4;

  @RegisterExtension static final SparkCluster spark = SparkCluster.processes();

  private static String weights(Consumer<Epoch> onEpoch) {
    Dataset<Row> data = PlainLoop.data(spark.session(), 2);
    return PlainLoop.trainer(2).epochs(EPOCHS).onEpoch(onEpoch).fit(data).weightsSha256();
  }

  @Test
  void anExecutorThatStandsStillForSomeSecondsIsWaitedFor() {
    spark.session();
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
              CompletableFuture.delayedExecutor(PAUSE_S, TimeUnit.SECONDS)
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
