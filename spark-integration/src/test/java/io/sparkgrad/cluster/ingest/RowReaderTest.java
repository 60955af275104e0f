package io.sparkgrad.cluster.ingest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.cluster.SparkCluster;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.RDDInfo;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowReaderTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  private static final StructType XY =
      new StructType().add("x", DataTypes.LongType).add("y", DataTypes.IntegerType);

  @AfterEach
  void nothingStaysPersisted() {
    assertEquals(Map.of(), spark.context().getPersistentRDDs());
  }

  @Test
  void rowsAreNumberedByPartitionAndPositionAndDealtInTurn() {
    try (Rows rows = RowReader.read(partitioned(3, 0, 5, 2), List.of("x"), "y", 4)) {
      assertEquals(10, rows.count());
      assertEquals(1, rows.width());
      assertEquals(4, rows.workers());
      assertArrayEquals(new long[] {3, 0, 5, 2}, rows.partitionCounts());
      List<List<RowBlock>> workers = rows.blocks().glom().collect();
      assertEquals(4, workers.size());
      assertArrayEquals(new double[] {0, 4, 8}, workers.get(0).get(0).labels());
      assertArrayEquals(new double[] {1, 5, 9}, workers.get(1).get(0).labels());
      assertArrayEquals(new double[] {2, 6}, workers.get(2).get(0).labels());
      assertArrayEquals(new float[] {30, 70}, workers.get(3).get(0).features());
      assertEquals(7, workers.get(3).get(0).row(1));
    }
  }

  @ParameterizedTest
  @CsvSource({"1,0,0,0", "0,0,1,0", "2,0,0,2", "900,50,25,25", "5000,1,0,9000"})
  void anyPartitionSizesAndWorkerCountsWork(int a, int b, int c, int d) {
    int n = a + b + c + d;
    for (int workers : new int[] {1, 3, 16}) {
      try (Rows rows = RowReader.read(partitioned(a, b, c, d), List.of("x"), "y", workers)) {
        SortedMap<Long, List<Double>> content = RowsInTest.content(rows);
        assertEquals(n, content.size());
        content.forEach((r, row) -> assertEquals(List.of(10.0 * r, (double) r), row));
        assertEquals(workers, rows.blocks().getNumPartitions());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void rowOrderGivesTheSameNumbersForAnySplit(int partitions) {
    List<Row> data = new ArrayList<>();
    for (long i = 0; i < 500; i++) data.add(RowFactory.create(i / 3, (int) i)); // keys come thrice
    Dataset<Row> straight = frame(data, 1);
    Collections.shuffle(data, new Random(partitions));
    try (Rows expected = RowReader.read(straight, List.of("x"), "y", 3, "x");
        Rows actual = RowReader.read(frame(data, partitions), List.of("x"), "y", 3, "x")) {
      assertEquals(RowsInTest.content(expected), RowsInTest.content(actual));
      assertEquals(499 / 3, RowsInTest.content(actual).get(499L).get(0));
      assertTrue(actual.rowOrderPinned());
    }
  }

  @Test
  void theSourceIsReadOnce() {
    LongAccumulator reads = spark.context().sc().longAccumulator();
    List<Row> data = new ArrayList<>();
    for (long i = 0; i < 100; i++) data.add(RowFactory.create(i, 1));
    var counted =
        spark
            .context()
            .parallelize(data, 3)
            .map(
                row -> {
                  reads.add(1);
                  return row;
                });
    Dataset<Row> source = spark.session().createDataFrame(counted, XY);
    try (Rows rows = RowReader.read(source, List.of("x"), "y", 4)) {
      assertEquals(100, rows.count());
      assertEquals(100, RowsInTest.content(rows).size());
      assertEquals(100, reads.value());
    }
  }

  @Test
  void columnsOfAllKindsStandOneAfterTheOther() {
    StructType schema =
        new StructType()
            .add("byte", DataTypes.ByteType)
            .add("short", DataTypes.ShortType)
            .add("int", DataTypes.IntegerType)
            .add("long", DataTypes.LongType)
            .add("float", DataTypes.FloatType)
            .add("double", DataTypes.DoubleType)
            .add("decimal", DataTypes.createDecimalType(10, 2))
            .add("boolean", DataTypes.BooleanType)
            .add("ints", DataTypes.createArrayType(DataTypes.IntegerType))
            .add("flags", DataTypes.createArrayType(DataTypes.BooleanType))
            .add("dense", SQLDataTypes.VectorType())
            .add("sparse", SQLDataTypes.VectorType())
            .add("empty", DataTypes.createArrayType(DataTypes.DoubleType))
            .add("label", DataTypes.DoubleType);
    Row row =
        RowFactory.create(
            (byte) 1,
            (short) 2,
            3,
            4L,
            5.5f,
            6.5,
            new BigDecimal("7.25"),
            true,
            new int[] {9, 10},
            new boolean[] {false, true},
            Vectors.dense(11, 12),
            Vectors.sparse(4, new int[] {1, 3}, new double[] {13, 14}),
            new double[0],
            0.5);
    Dataset<Row> data = spark.session().createDataFrame(List.of(row, row), schema);
    List<String> features = new ArrayList<>(List.of(schema.fieldNames()));
    features.remove("label");
    try (Rows rows = RowReader.read(data, features, "label", 1)) {
      float[] expected = {1, 2, 3, 4, 5.5f, 6.5f, 7.25f, 1, 9, 10, 0, 1, 11, 12, 0, 13, 0, 14};
      RowBlock block = rows.blocks().first();
      assertEquals(expected.length, rows.width());
      assertArrayEquals(expected, Arrays.copyOfRange(block.features(), 0, expected.length));
      assertArrayEquals(expected, Arrays.copyOfRange(block.features(), expected.length, 36));
      assertFalse(rows.labelIsInteger());
    }
  }

  @Test
  void sparseRowsLeaveNothingOfTheRowBefore() {
    StructType schema =
        new StructType().add("v", SQLDataTypes.VectorType()).add("y", DataTypes.LongType);
    Dataset<Row> data =
        spark
            .session()
            .createDataFrame(
                List.of(
                    RowFactory.create(Vectors.dense(1, 2, 3), 0L),
                    RowFactory.create(Vectors.sparse(3, new int[] {1}, new double[] {5}), 1L)),
                schema);
    try (Rows rows = RowReader.read(data.coalesce(1), List.of("v"), "y", 1)) {
      assertArrayEquals(new float[] {1, 2, 3, 0, 5, 0}, rows.blocks().first().features());
    }
  }

  @Test
  void blocksAreBoundedByRowsAndBytes() {
    try (Rows narrow = RowReader.read(partitioned(3000, 3000, 3000), List.of("x"), "y", 1)) {
      List<Integer> sizes = narrow.blocks().map(RowBlock::rows).collect();
      assertEquals(List.of(4096, 4096, 808), sizes);
    }
    StructType schema =
        new StructType()
            .add("pixels", DataTypes.createArrayType(DataTypes.FloatType))
            .add("y", DataTypes.IntegerType);
    int width = 20_000; // 80 kB: three rows a block
    List<Row> wide = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      float[] pixels = new float[width];
      pixels[width - 1] = i;
      wide.add(RowFactory.create(pixels, i));
    }
    Dataset<Row> data =
        spark.session().createDataFrame(spark.context().parallelize(wide, 2), schema);
    try (Rows rows = RowReader.read(data, List.of("pixels"), "y", 2)) {
      assertEquals(List.of(3, 1, 3, 1), rows.blocks().map(RowBlock::rows).collect());
      for (RowBlock block : rows.blocks().collect())
        for (int i = 0; i < block.rows(); i++)
          assertEquals(block.row(i), (long) block.features()[(i + 1) * width - 1]);
    }
  }

  @Test
  void sparseVectorsStaySparseInMemory() {
    int width = 10_000;
    int count = 600;
    StructType schema =
        new StructType().add("x", SQLDataTypes.VectorType()).add("y", DataTypes.LongType);
    List<Row> data = new ArrayList<>();
    for (int i = 0; i < count; i++)
      data.add(
          RowFactory.create(
              Vectors.sparse(width, new int[] {i * 7 % width}, new double[] {1}), (long) i));
    Dataset<Row> frame =
        spark.session().createDataFrame(spark.context().parallelize(data, 2), schema);
    try (Rows rows = RowReader.read(frame, List.of("x"), "y", 2)) {
      long bytes = 0;
      for (RDDInfo info : spark.context().sc().getRDDStorageInfo())
        if (info.id() == rows.blocks().id()) bytes = info.memSize() + info.diskSize();
      assertTrue(bytes > 0 && bytes < count * 200L, bytes + " bytes");
      for (RowBlock block : rows.blocks().collect())
        for (int i = 0; i < block.rows(); i++)
          assertEquals(1f, block.features()[i * width + (int) (block.row(i) * 7 % width)]);
    }
  }

  @Test
  void labelsAreSummedUpWithTheRowsThatHoldThem() {
    StructType schema = new StructType().add("x", DataTypes.LongType).add("y", DataTypes.LongType);
    long big = 1L << 53;
    List<Row> data = new ArrayList<>();
    for (long label : new long[] {5, -3, 7, -3, big, 7, big})
      data.add(RowFactory.create(0L, label));
    Dataset<Row> frame =
        spark.session().createDataFrame(spark.context().parallelize(data, 3), schema);
    try (Rows rows = RowReader.read(frame, List.of("x"), "y", 2)) {
      assertEquals(new Rows.LabelAt(List.of(-3.0), 1), rows.minLabel());
      assertEquals(new Rows.LabelAt(List.of((double) big), 4), rows.maxLabel());
      assertTrue(rows.labelIsInteger());
      assertFalse(rows.rowOrderPinned());
    }
  }

  @Test
  void theLabelsTypeIsKept() {
    assertTrue(labelIsInteger(DataTypes.BooleanType));
    assertTrue(labelIsInteger(DataTypes.ByteType));
    assertTrue(labelIsInteger(DataTypes.createDecimalType(9, 0)));
    assertFalse(labelIsInteger(DataTypes.createDecimalType(9, 1)));
    assertFalse(labelIsInteger(DataTypes.FloatType));
  }

  private static boolean labelIsInteger(DataType type) {
    Dataset<Row> data = partitioned(2).withColumn("y", functions.col("y").cast(type));
    try (Rows rows = RowReader.read(data, List.of("x"), "y", 1)) {
      return rows.labelIsInteger();
    }
  }

  @Test
  void namesWithDotsStructFieldsAndOtherCaseAreFound() {
    Dataset<Row> data =
        partitioned(4)
            .withColumn("a.b", functions.col("x").plus(1))
            .withColumn("s", functions.struct(functions.col("x").plus(2).as("c.d")))
            .withColumn("tick`ed", functions.col("x").plus(3));
    List<String> features = List.of("X", "a.b", "s.c.d", "tick`ed", "x");
    try (Rows rows = RowReader.read(data, features, "y", 4)) {
      assertEquals(List.of(10.0, 11.0, 12.0, 13.0, 10.0, 1.0), RowsInTest.content(rows).get(1L));
    }
  }

  @Test
  void aTaskWalksItsWorkersStepByStep() {
    try (Rows rows = RowReader.read(partitioned(30, 0, 20), List.of("x"), "y", 3)) {
      StepRows steps = rows.steps(8);
      FlatMapFunction<Iterator<RowBlock>, RowBlock> readBatches =
          own -> {
            List<RowBlock> batches = new ArrayList<>();
            for (int w = 0; w < rows.workers(); w++) {
              BatchCursor cursor = rows.open(w, TaskContext.get());
              cursor.skip(steps.rowsBefore(w, 2));
              for (long s = 2; s < steps.stepsPerEpoch(); s++)
                batches.add(cursor.next(steps.rowsOf(w, s)));
            }
            return batches.iterator();
          };
      List<RowBlock> batches = rows.blocks().coalesce(1).mapPartitions(readBatches).collect();
      SortedMap<Long, List<Double>> expected = new TreeMap<>();
      for (long r = 16; r < 50; r++) expected.put(r, List.of(10.0 * r, (double) r));
      assertEquals(expected, RowsInTest.byNumber(batches));
    }
  }

  @Test
  void closeIsFineTwice() {
    Rows rows = RowReader.read(partitioned(4), List.of("x"), "y", 2);
    assertEquals(1, spark.context().getPersistentRDDs().size());
    rows.close();
    rows.close();
  }

  /** Rows 0, 1, .. with x = 10 r and y = r, as many in each partition as given. */
  private static Dataset<Row> partitioned(int... sizes) {
    List<Integer> parts = Arrays.stream(sizes).boxed().toList();
    var rows =
        spark
            .context()
            .parallelize(parts, sizes.length)
            .mapPartitionsWithIndex(
                (p, size) -> {
                  long first = Arrays.stream(sizes).limit(p).sum();
                  List<Row> out = new ArrayList<>();
                  for (long r = first; r < first + sizes[p]; r++)
                    out.add(RowFactory.create(10 * r, (int) r));
                  return out.iterator();
                },
                false);
    return spark.session().createDataFrame(rows, XY);
  }

  private static Dataset<Row> frame(List<Row> rows, int partitions) {
    return spark.session().createDataFrame(spark.context().parallelize(rows, partitions), XY);
  }
}
