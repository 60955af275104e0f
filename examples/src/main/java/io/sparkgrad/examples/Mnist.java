package io.sparkgrad.examples;

import io.sparkgrad.dataset.Idx;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Handwritten digits, 28 x 28 pixels from 0 to 255 each, as the driver reads them from its files.
 *
 * @param images [n, 28, 28]
 * @param digits [n], 0 to 9
 */
record Mnist(Idx images, Idx digits) {
  static final int PIXELS = 28 * 28;
  static final float WHITE = 255;

  private static final int SLICE = 2500; // images; about half a megabyte when deflated

  Mnist {
    if (images.width() != PIXELS || images.rows() != digits.rows() || digits.shape().length != 1)
      throw new IllegalArgumentException(
          images.rows()
              + " images of "
              + images.width()
              + " pixels and "
              + digits.rows()
              + " digits: MNIST has as many digits as images, of "
              + PIXELS
              + " pixels");
  }

  /** The 60,000 images to learn from. */
  static Mnist train(Path folder) {
    return read(folder, "train");
  }

  /** 10,000 images by other writers. */
  static Mnist test(Path folder) {
    return read(folder, "t10k");
  }

  private static Mnist read(Path folder, String name) {
    try {
      return new Mnist(
          Idx.read(folder.resolve(name + "-images-idx3-ubyte")),
          Idx.read(folder.resolve(name + "-labels-idx1-ubyte")));
    } catch (IOException e) {
      throw new UncheckedIOException("MNIST is not readable in " + folder, e);
    }
  }

  /** The first so many of them; all for 0. */
  Mnist first(int n) {
    return n == 0 ? this : new Mnist(images.first(n), digits.first(n));
  }

  int count() {
    return images.rows();
  }

  /** Pixels from 0 to 1 of the images {@code from} to {@code to - 1}, one after the other. */
  float[] pixels(int from, int to) {
    return scaled(images.rows(from, to), 0, (to - from) * PIXELS);
  }

  /**
   * Columns {@code pixels} (from 0 to 1) and {@code digit}, in the order of the files. The
   * executors need no file: slices of the images travel with the tasks, deflated to a fifth, and
   * become rows there.
   */
  Dataset<Row> load(SparkSession spark) {
    StructType columns =
        new StructType()
            .add("pixels", DataTypes.createArrayType(DataTypes.FloatType, false), false)
            .add("digit", DataTypes.IntegerType, false);
    List<Slice> slices = slices();
    return spark.createDataFrame(
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(slices, Math.max(1, slices.size()))
            .flatMap(Slice::rows),
        columns);
  }

  List<Slice> slices() {
    return IntStream.range(0, (count() + SLICE - 1) / SLICE)
        .mapToObj(i -> slice(i * SLICE, Math.min(count(), (i + 1) * SLICE)))
        .toList();
  }

  private Slice slice(int from, int to) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Deflater fast = new Deflater(Deflater.BEST_SPEED);
    try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, fast)) {
      out.write(images.rows(from, to));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no file
    } finally {
      fast.end();
    }
    return new Slice(bytes.toByteArray(), digits.rows(from, to));
  }

  private static float[] scaled(byte[] pixels, int from, int n) {
    float[] scaled = new float[n];
    for (int i = 0; i < n; i++) scaled[i] = (pixels[from + i] & 0xff) / WHITE;
    return scaled;
  }

  /**
   * Neighbouring images on their way to a task.
   *
   * @param deflated their pixels
   * @param digits what they show
   */
  record Slice(byte[] deflated, byte[] digits) implements Serializable {
    Iterator<Row> rows() {
      byte[] pixels;
      try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(deflated))) {
        pixels = in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e); // there is no file
      }
      return IntStream.range(0, digits.length)
          .mapToObj(i -> RowFactory.create(scaled(pixels, i * PIXELS, PIXELS), (int) digits[i]))
          .iterator();
    }
  }
}
