package io.sparkgrad.cluster.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.cluster.SparkCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Error texts for data that cannot be trained on. */
class RowErrorsTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  @AfterEach
  void nothingStaysPersisted() {
    assertEquals(Map.of(), spark.context().getPersistentRDDs());
  }

  @Test
  void aMissingColumn() {
    Dataset<Row> data = digits().withColumn("when", functions.current_timestamp());
    assertEquals(
        "there is no column 'pixel' (columns: pixels, digit, when): did you mean 'pixels'?",
        message(data, List.of("pixel"), "digit"));
    assertEquals(
        "there is no column 'species' (columns: pixels, digit, when)",
        message(data, List.of("pixels"), "species"));
  }

  @Test
  void aMissingColumnAmongMany() {
    Dataset<Row> data = digits();
    for (int i = 0; i < 20; i++) data = data.withColumn("c" + i, functions.lit(i));
    assertEquals(
        "there is no column 'Digits' (columns: pixels, digit, c0, c1, c2, c3, c4, c5, c6, c7, c8,"
            + " c9, c10, c11, c12, c13, c14, c15, c16, c17 and 2 more): did you mean 'digit'?",
        message(data, List.of("pixels"), "Digits"));
  }

  @Test
  void anAmbiguousColumn() {
    Dataset<Row> data = digits().select("pixels", "digit", "digit");
    assertEquals(
        "column 'digit' fits `digit`, `digit`: rename one with data.withColumnRenamed(..) or"
            + " data.toDF(..)",
        message(data, List.of("pixels"), "digit"));
  }

  @Test
  void aMissingRowOrderColumn() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> RowReader.read(digits(), List.of("pixels"), "digit", 1, "id"));
    assertEquals("there is no column 'id' (columns: pixels, digit)", e.getMessage());
  }

  @Test
  void stringColumns() {
    Dataset<Row> data = digits().withColumn("species", functions.lit("iris"));
    assertEquals(
        "label column 'species' is a string: use StringIndexer to turn it into numbers",
        message(data, List.of("pixels"), "species"));
    assertEquals(
        "feature column 'species' is a string: use StringIndexer (and OneHotEncoder for unordered"
            + " values) to turn it into numbers",
        message(data, List.of("species"), "digit"));
  }

  @Test
  void otherTypesThatAreNotNumbers() {
    Dataset<Row> data =
        digits()
            .withColumn("when", functions.current_timestamp())
            .withColumn("tags", functions.array(functions.lit("a")));
    String hint = ": features are numbers, booleans, arrays of them or ML vectors";
    assertEquals(
        "feature column 'when' is of type timestamp" + hint,
        message(data, List.of("when"), "digit"));
    assertEquals(
        "feature column 'tags' is of type array<string>" + hint,
        message(data, List.of("pixels", "tags"), "digit"));
    assertEquals(
        "label column 'tags' is of type array<string>: labels are numbers, booleans, arrays of them or ML vectors",
        message(data, List.of("pixels"), "tags"));
  }

  @Test
  void noRows() {
    assertEquals("the data has no rows", message(digits(), List.of("pixels"), "digit"));
  }

  @Test
  void noFeaturesNoWorkers() {
    assertEquals("name at least one feature column", message(digits(), List.of(), "digit"));
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> RowReader.read(digits(), List.of("pixels"), "digit", 0));
    assertEquals("workers must be at least 1, got 0", e.getMessage());
  }

  @Test
  void aStreamingSource() {
    Dataset<Row> stream = spark.session().readStream().format("rate").load();
    assertEquals(
        "a streaming data frame has no last row: fit each batch of it",
        message(stream, List.of("value"), "value"));
  }

  @Test
  void aNullCountsTheRowsOfThePartitionsBefore() {
    List<Object> ages = new ArrayList<>();
    for (int i = 0; i < 2436; i++) ages.add(i == 1235 || i == 2000 ? null : (Object) 1.0);
    // Two partitions of 1,218 rows.
    assertEquals(
        "column 'age' is null in row 1,235 (partition 1, row 17 of it): fill or drop nulls first,"
            + " e.g. data.na().drop()",
        message(column("age", DataTypes.DoubleType, ages, 2), List.of("age"), "y"));
  }

  @Test
  void aNullLabel() {
    Dataset<Row> data = column("x", DataTypes.IntegerType, List.of(1, 2, 3), 1);
    Dataset<Row> holed =
        data.withColumn("z", functions.when(functions.col("x").notEqual(2), functions.col("y")));
    assertEquals(
        "column 'z' is null in row 1 (partition 0, row 1 of it): fill or drop nulls first, e.g."
            + " data.na().drop()",
        message(holed, List.of("x"), "z"));
  }

  @Test
  void aNullInAnArray() {
    List<Object> cells = List.of(new Double[] {1.0, 2.0}, new Double[] {1.0, null});
    assertEquals(
        "column 'x' has null at position 1 in row 1 (partition 0, row 1 of it): replace such"
            + " numbers or filter the row out first",
        message(column("x", doubles(), cells, 1), List.of("x"), "y"));
  }

  @Test
  void numbersThatAreNotFinite() {
    assertEquals(
        "column 'x' is NaN in row 2 (partition 1, row 0 of it): fill or drop such rows first, e.g."
            + " data.na().drop()",
        message(
            column("x", DataTypes.DoubleType, List.of(1.0, 2.0, Double.NaN, 3.0), 2),
            List.of("x"),
            "y"));
    assertEquals(
        "column 'x' is -Infinity at position 1 in row 0 (partition 0, row 0 of it): replace such"
            + " numbers or filter the row out first",
        message(
            column("x", doubles(), List.of(new double[] {0, Double.NEGATIVE_INFINITY}), 1),
            List.of("x"),
            "y"));
    Object sparse = Vectors.sparse(9, new int[] {7}, new double[] {Double.NaN});
    assertEquals(
        "column 'x' is NaN at position 7 in row 0 (partition 0, row 0 of it): replace such numbers"
            + " or filter the row out first",
        message(column("x", SQLDataTypes.VectorType(), List.of(sparse), 1), List.of("x"), "y"));
    assertEquals(
        "column 'x' is 1.0E300 in row 0 (partition 0, row 0 of it): float32 ends at 3.4E38; scale"
            + " the column first",
        message(column("x", DataTypes.DoubleType, List.of(1e300), 1), List.of("x"), "y"));
    assertEquals(
        "label column 'x' is NaN in row 0 (partition 0, row 0 of it): fill or drop such rows first,"
            + " e.g. data.na().drop()",
        message(column("x", DataTypes.DoubleType, List.of(Double.NaN), 1), List.of("y"), "x"));
  }

  @Test
  void aLabelThatDoubleCannotHold() {
    assertEquals(
        "label column 'x' is 9007199254740994 in row 0 (partition 0, row 0 of it): whole numbers"
            + " beyond 2^53 lose digits; is it an id rather than a label?",
        message(column("x", DataTypes.LongType, List.of((1L << 53) + 2), 1), List.of("y"), "x"));
  }

  @Test
  void aWidthUnlikeRowZerosWithinAPartitionAndAcross() {
    List<Object> cells = new ArrayList<>();
    for (int i = 0; i < 6; i++) cells.add(new double[i < 5 ? 64 : 63]);
    assertEquals(
        "column 'x': row 5 has 63 numbers where row 0 has 64 (partition 0, row 5 of it)",
        message(column("x", doubles(), cells, 1), List.of("y", "x"), "y"));
    assertEquals(
        "column 'x': row 5 has 63 numbers where row 0 has 64 (partition 5, row 0 of it)",
        message(column("x", doubles(), cells, 6), List.of("y", "x"), "y"));
  }

  @Test
  void columnsWhoseWidthsMakeUpForEachOther() {
    Dataset<Row> data =
        column("a", doubles(), List.of(new double[3], new double[2]), 1)
            .withColumn(
                "b",
                functions
                    .when(functions.size(functions.col("a")).equalTo(3), ones(2))
                    .otherwise(ones(3)));
    assertEquals(
        "column 'a': row 1 has 2 numbers where row 0 has 3 (partition 0, row 1 of it)",
        message(data, List.of("a", "b"), "y"));
  }

  @Test
  void featuresWithoutNumbers() {
    assertEquals(
        "the feature columns hold no number in row 0 (partition 0, row 0 of it): check how they are"
            + " made",
        message(column("x", doubles(), List.of(new double[0]), 1), List.of("x"), "y"));
  }

  private static org.apache.spark.sql.Column ones(int n) {
    return functions.array_repeat(functions.lit(1.0), n);
  }

  private static DataType doubles() {
    return DataTypes.createArrayType(DataTypes.DoubleType);
  }

  private static String message(Dataset<Row> data, List<String> features, String label) {
    return assertThrows(
            IllegalArgumentException.class, () -> RowReader.read(data, features, label, 2))
        .getMessage();
  }

  /** No rows, columns pixels and digit. */
  private static Dataset<Row> digits() {
    StructType schema = new StructType().add("pixels", doubles()).add("digit", DataTypes.LongType);
    return spark.session().createDataFrame(List.of(), schema);
  }

  /** The cells as column {@code name}, and y = 1 as an integer. */
  private static Dataset<Row> column(String name, DataType type, List<?> cells, int partitions) {
    StructType schema = new StructType().add(name, type).add("y", DataTypes.IntegerType);
    List<Row> rows = new ArrayList<>();
    for (Object cell : cells) rows.add(RowFactory.create(cell, 1));
    return spark.session().createDataFrame(spark.context().parallelize(rows, partitions), schema);
  }
}
