package io.sparkgrad.cluster.ingest;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;

/** Reads the content of {@link Rows} for tests. */
final class RowsInTest {
  private RowsInTest() {}

  /** Each row's features and label by row number, read by tasks; fails if a number comes twice. */
  static SortedMap<Long, List<Double>> content(Rows rows) {
    return byNumber(rows.blocks().collect());
  }

  /** The same, each of {@code tasks} tasks reading the partitions of all workers. */
  static List<SortedMap<Long, List<Double>>> contentSeenByEach(Rows rows, int tasks) {
    FlatMapFunction<Iterator<RowBlock>, SortedMap<Long, List<Double>>> readAll =
        own -> {
          List<RowBlock> blocks = new ArrayList<>();
          for (int w = 0; w < rows.workers(); w++)
            rows.read(w, TaskContext.get()).forEachRemaining(blocks::add);
          return List.of(byNumber(blocks)).iterator();
        };
    return rows.blocks().coalesce(tasks).mapPartitions(readAll).collect();
  }

  static SortedMap<Long, List<Double>> byNumber(List<RowBlock> blocks) {
    SortedMap<Long, List<Double>> content = new TreeMap<>();
    for (RowBlock block : blocks)
      for (int i = 0; i < block.rows(); i++) {
        List<Double> row = new ArrayList<>();
        for (int c = 0; c < block.width(); c++)
          row.add((double) block.features()[i * block.width() + c]);
        row.add(block.labels()[i]);
        if (content.put(block.row(i), row) != null)
          throw new AssertionError("row " + block.row(i) + " came twice");
      }
    return content;
  }
}
