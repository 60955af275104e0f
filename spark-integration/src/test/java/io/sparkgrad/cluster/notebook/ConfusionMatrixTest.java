package io.sparkgrad.cluster.notebook;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.cluster.SparkCluster;
import java.util.List;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ConfusionMatrixTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  private Dataset<Row> rows(String... pairs) {
    return spark
        .session()
        .createDataset(List.of(pairs), org.apache.spark.sql.Encoders.STRING())
        .selectExpr(
            "split(value, ' ')[0] AS name",
            "try_cast(split(value, ' ')[1] AS DOUBLE) AS `the.label`",
            "try_cast(split(value, ' ')[2] AS DOUBLE) AS prediction");
  }

  @Test
  void countsEachClassAgainstEachPrediction() {
    ConfusionMatrix matrix =
        ConfusionMatrix.of(
            rows("a 0 0", "a 0 2", "a 0 2", "b 1 1", "c 2 NaN"), "the.label", "prediction");
    assertEquals(List.of("0", "1", "2", "NaN"), matrix.classes());
    assertArrayEquals(
        new long[][] {{1, 0, 2, 0}, {0, 1, 0, 0}, {0, 0, 0, 1}, {0, 0, 0, 0}}, matrix.counts());
    assertEquals(0.4, matrix.accuracy(), 1e-12);
    assertEquals(
        """
             0  1  2  NaN
          0  1  0  2    0
          1  0  1  0    0
          2  0  0  0    1
        NaN  0  0  0    0
        accuracy 0.4000""",
        matrix.toString());
    assertTrue(matrix.html().contains("<caption>accuracy 0.4000"), matrix.html());
  }

  @Test
  void classesHaveTheNamesThatStringIndexerGave() {
    Dataset<Row> data = rows("pear 9 0", "apple 9 1", "apple 9 1", "fig&<1> 9 0");
    Dataset<Row> indexed =
        new StringIndexer()
            .setInputCol("name")
            .setOutputCol("label")
            .setStringOrderType("alphabetAsc")
            .fit(data)
            .transform(data);
    ConfusionMatrix matrix = ConfusionMatrix.of(indexed, "label", "prediction");
    assertEquals(List.of("apple", "fig&<1>", "pear"), matrix.classes());
    assertTrue(matrix.html().contains("fig&amp;&lt;1&gt;"), matrix.html());
    assertTrue(matrix.table().startsWith("         apple  fig&<1>  pear\n"), matrix.table());
  }

  @Test
  void whatIsNoClassIsRefused() {
    refused("'the.label' holds 0.5", rows("a 0.5 0", "a 1 1"));
    refused("'the.label' holds null", rows("a 1 1", "a x 1"));
    refused(
        "more than 200 different values",
        spark.session().range(300).selectExpr("id AS `the.label`", "id AS prediction"));
  }

  private static void refused(String text, Dataset<Row> data) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ConfusionMatrix.of(data, "the.label", "prediction"));
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }
}
