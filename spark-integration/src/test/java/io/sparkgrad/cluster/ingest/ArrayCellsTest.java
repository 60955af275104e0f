package io.sparkgrad.cluster.ingest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.cluster.SparkCluster;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ArrayCellsTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  @Test
  void sparkFrom41OnKnowsThem() {
    for (String v : List.of("4.1.0", "4.2.0-SNAPSHOT", "5.0.0"))
      assertTrue(ArrayCells.areKnownTo(v));
    for (String v : List.of("3.5.3", "4.0.1")) assertFalse(ArrayCells.areKnownTo(v));
  }

  /** A row as Spark before 4.1 gives it: an object a number. */
  @Test
  void arraysOfObjectsAreReadAsWell() {
    Dataset<Row> data =
        spark.session().sql("SELECT array(1.5f, -2f, 0f) AS x, array(7f, NULL) AS hole");
    Row row = data.collectAsList().get(0);
    FeatureNumbers numbers = new FeatureNumbers(FeatureColumns.of(data, List.of("x")), 0);
    assertNull(numbers.read(row, 0));
    float[] read = new float[numbers.count()];
    numbers.copyTo(read, 0);
    assertArrayEquals(new float[] {1.5f, -2, 0}, read);
    RowProblem hole = new FeatureNumbers(FeatureColumns.of(data, List.of("hole")), 1).read(row, 0);
    assertNotNull(hole);
    String text =
        hole.toException(FeatureColumns.of(data, List.of("hole")), 0, 0, new int[] {2})
            .getMessage();
    assertEquals(
        "column 'hole' has null at position 1", text.substring(0, text.indexOf(" in row")));
    assertEquals("[3]", Arrays.toString(numbers.widths()));
  }
}
