package io.sparkgrad.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * UCI's handwritten digits: 1,797 images of 8 x 8 pixels (NOTICE names its authors and licence).
 */
public final class Digits {
  /** The row's number in the file, its pixels from 0 to 1 line by line, the digit it shows. */
  record Image(long row, float[] pixels, int digit) {}

  private static final int PIXELS = 64;
  private static final float DARKEST = 16;

  private Digits() {}

  /** Columns {@code row}, {@code pixels} and {@code digit}, read on the driver. */
  public static Dataset<Row> load(SparkSession spark) {
    StructType columns =
        new StructType()
            .add("row", DataTypes.LongType, false)
            .add("pixels", DataTypes.createArrayType(DataTypes.FloatType, false), false)
            .add("digit", DataTypes.IntegerType, false);
    List<Row> rows = new ArrayList<>();
    for (Image image : images())
      rows.add(RowFactory.create(image.row(), image.pixels(), image.digit()));
    return spark.createDataFrame(rows, columns);
  }

  /** Four rows of five. */
  public static Dataset<Row> train(Dataset<Row> digits) {
    return digits.where(functions.col("row").mod(5).notEqual(0));
  }

  /** Each fifth row. */
  public static Dataset<Row> test(Dataset<Row> digits) {
    return digits.where(functions.col("row").mod(5).equalTo(0));
  }

  /** A line of the file is 64 pixels from 0 to 16 and the digit. */
  static List<Image> images() {
    List<Image> images = new ArrayList<>();
    try (InputStream file = Digits.class.getResourceAsStream("/digits.csv.gz");
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(new GZIPInputStream(file), StandardCharsets.US_ASCII))) {
      for (String line; (line = lines.readLine()) != null; ) {
        String[] fields = line.split(",");
        float[] pixels = new float[PIXELS];
        for (int i = 0; i < PIXELS; i++) pixels[i] = Integer.parseInt(fields[i]) / DARKEST;
        images.add(new Image(images.size(), pixels, Integer.parseInt(fields[PIXELS])));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("digits.csv.gz is not readable", e);
    }
    return images;
  }
}
