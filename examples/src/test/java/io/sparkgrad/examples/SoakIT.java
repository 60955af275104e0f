package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Executors are killed while they train; the example itself compares the weights. */
class SoakIT {
  private static final String CLUSTER = "local-cluster[3,1,1024]";

  /* Spark gives up the job at each loss. */
  @Test
  void threeKillsPastSparksLimitChangeNoBit() throws Exception {
    String printed =
        ExampleRun.printed(
            "soak",
            "--data",
            "digits",
            "--kills",
            "3",
            "--master",
            CLUSTER,
            "--conf",
            "spark.task.maxFailures=1");
    assertEquals("3", ExampleRun.find(printed, "executors killed (\\d+)"));
    assertEquals("3", ExampleRun.find(printed, "jobs given up by Spark (\\d+)"));
    assertTrue(Integer.parseInt(ExampleRun.find(printed, "at most (\\d+)")) <= 2, printed);
  }

  @Test
  @Tag("matrix")
  void aHundredKillsChangeNoBit() throws Exception {
    String printed = ExampleRun.printed("soak", "--master", CLUSTER);
    assertEquals("100", ExampleRun.find(printed, "executors killed (\\d+)"));
    assertTrue(Integer.parseInt(ExampleRun.find(printed, "at most (\\d+)")) <= 2, printed);
  }
}
