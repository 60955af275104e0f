package io.sparkgrad.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * CIFAR-10's binary files as rows: {@code pixels}, 3 x 32 x 32 numbers of ImageNet's mean and
 * deviation, and {@code label}, 0 to 9. The driver reads the file; its bytes become rows on the
 * executors.
 */
final class CifarRows {
  static final String TRAIN = "cifar10/cifar10_train5k.bin";
  static final String TEST = "cifar10/cifar10_test1k.bin";
  static final int CLASSES = 10;
  static final int SIDE = 32;
  private static final int IMAGE = 1 + 3 * SIDE * SIDE; // bytes: a label, then the colours
  private static final int SLICE = 250; // images; less than a megabyte
  private static final float[] MEAN = {.485f, .456f, .406f};
  private static final float[] DEVIATION = {.229f, .224f, .225f};

  private CifarRows() {}

  static Dataset<Row> read(SparkSession spark, Path file) throws IOException {
    byte[] images = Files.readAllBytes(file);
    if (images.length == 0 || images.length % IMAGE != 0)
      throw new IllegalArgumentException(
          "%s has %d bytes, CIFAR-10 has %d an image".formatted(file, images.length, IMAGE));
    List<byte[]> slices = new ArrayList<>();
    for (int at = 0; at < images.length; at += SLICE * IMAGE)
      slices.add(Arrays.copyOfRange(images, at, Math.min(images.length, at + SLICE * IMAGE)));
    StructType columns =
        new StructType()
            .add("pixels", DataTypes.createArrayType(DataTypes.FloatType, false), false)
            .add("label", DataTypes.IntegerType, false);
    return spark.createDataFrame(
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(slices, slices.size())
            .flatMap(CifarRows::rows),
        columns);
  }

  private static Iterator<Row> rows(byte[] slice) {
    return IntStream.range(0, slice.length / IMAGE).mapToObj(i -> row(slice, i * IMAGE)).iterator();
  }

  private static Row row(byte[] from, int at) {
    float[] pixels = new float[IMAGE - 1];
    for (int i = 0; i < pixels.length; i++) {
      int colour = i / (SIDE * SIDE);
      pixels[i] = ((from[at + 1 + i] & 0xff) / 255f - MEAN[colour]) / DEVIATION[colour];
    }
    return RowFactory.create(pixels, from[at] & 0xff);
  }
}
