package io.sparkgrad.cluster.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.cluster.SparkCluster;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.spark.SparkException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("cluster")
class RowsOnClusterTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.processes();

  private static final int ROWS = 3000;
  private static final int WORKERS = 4;

  @AfterEach
  void nothingStaysPersisted() {
    assertEquals(Map.of(), spark.context().getPersistentRDDs());
  }

  @Test
  void anyTaskReadsAnyWorkersRows() {
    try (Rows rows = read()) {
      assertEquals(List.of(expected(), expected()), RowsInTest.contentSeenByEach(rows, 2));
    }
  }

  @Test
  void rowsAreRebuiltAfterAnExecutorWasKilled() {
    try (Rows rows = read()) {
      SparkCluster.kill(SparkCluster.executors().get(0));
      assertEquals(List.of(expected(), expected()), RowsInTest.contentSeenByEach(rows, 2));
    }
  }

  @Test
  void onlyRowsOfOneCopyAreReadAgainAfterALoss() throws InterruptedException {
    assertEquals(ROWS, readWhenAnExecutorWasKilled(2));
    assertTrue(readWhenAnExecutorWasKilled(1) > ROWS);
  }

  private static long readWhenAnExecutorWasKilled(int copies) throws InterruptedException {
    spark.awaitBoth();
    LongAccumulator read = spark.session().sparkContext().longAccumulator();
    MapFunction<Row, Double> counted =
        row -> {
          read.add(1);
          return (double) row.getLong(1);
        };
    Dataset<Row> data = source().map(counted, Encoders.DOUBLE()).toDF("x");
    RowSettings settings =
        new RowSettings(Inputs.features(List.of("x")), List.of("x"), null, Invalid.ERROR, copies);
    try (Rows rows = RowReader.read(data, settings, WORKERS, null)) {
      SparkCluster.kill(SparkCluster.executors().get(0));
      SortedMap<Long, List<Double>> same = new TreeMap<>(expected());
      same.replaceAll((r, row) -> List.of(10.0 * r, 10.0 * r));
      assertEquals(List.of(same, same), RowsInTest.contentSeenByEach(rows, 2));
    }
    return read.value();
  }

  @Test
  void rowsAreRebuiltInTheMiddleOfAJob() {
    try (Rows rows = read()) {
      FlatMapFunction<Iterator<RowBlock>, RowBlock> readAndDieOnce =
          own -> {
            TaskContext task = TaskContext.get();
            rows.open(3, task).next(10);
            if (task.partitionId() == 1
                && task.attemptNumber() == 0
                && task.stageAttemptNumber() == 0) Runtime.getRuntime().halt(1);
            return own;
          };
      List<RowBlock> blocks = rows.blocks().coalesce(2).mapPartitions(readAndDieOnce).collect();
      assertEquals(expected(), RowsInTest.byNumber(blocks));
    }
  }

  @Test
  void aSourceThatGivesOtherRowsAfterALossIsNoticed() {
    MapFunction<Long, Double> random = id -> ThreadLocalRandom.current().nextDouble();
    Dataset<Row> source =
        spark.session().range(0, ROWS, 1, 4).map(random, Encoders.DOUBLE()).toDF("x");
    try (Rows rows = RowReader.read(source, List.of("x"), "x", WORKERS)) {
      SparkCluster.executors().forEach(SparkCluster::kill);
      var e = assertThrows(SparkException.class, () -> RowsInTest.contentSeenByEach(rows, 2));
      assertTrue(
          e.getMessage()
              .contains(
                  "was read again after a loss and held other rows than at first: make the source"
                      + " repeatable, e.g. write it to files or data.checkpoint() first"),
          e.getMessage());
    }
  }

  @Test
  void aProblemInTheDataReachesTheCallerAsItself() {
    Dataset<Row> data = source().selectExpr("if(id = 2000, null, x) as x", "y");
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> RowReader.read(data, List.of("x"), "y", WORKERS));
    assertEquals(
        "column 'x' is null in row 2,000 (partition 2, row 500 of it): fill or drop nulls first,"
            + " e.g. data.na().drop()",
        e.getMessage());
  }

  private static Dataset<Row> source() {
    return spark.session().range(0, ROWS, 1, 4).selectExpr("id", "id * 10 as x", "id as y");
  }

  private static Rows read() {
    return RowReader.read(source(), List.of("x"), "y", WORKERS);
  }

  private static SortedMap<Long, List<Double>> expected() {
    SortedMap<Long, List<Double>> rows = new TreeMap<>();
    for (long r = 0; r < ROWS; r++) rows.put(r, List.of(10.0 * r, (double) r));
    return rows;
  }
}
