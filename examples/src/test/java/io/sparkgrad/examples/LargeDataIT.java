package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** In the smallest executors that Spark starts. */
@Tag("matrix")
class LargeDataIT {
  @Test
  void dataOfFourTimesTheMemoryTrains() throws Exception {
    String printed =
        ExampleRun.printed(
            "large-data",
            "--gigabytes",
            "1.2",
            "--master",
            "local-cluster[2,1,512]",
            "--conf",
            "spark.executor.memory=512m");
    assertTrue(Double.parseDouble(ExampleRun.find(printed, "([0-9.]+) times")) >= 4, printed);
    assertTrue(Double.parseDouble(ExampleRun.find(printed, "loss ([0-9.]+)")) < 0.2, printed);
  }
}
