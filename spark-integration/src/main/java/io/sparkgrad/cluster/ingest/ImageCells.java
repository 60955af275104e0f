package io.sparkgrad.cluster.ingest;

import io.sparkgrad.Tensor;
import io.sparkgrad.dataset.Images;
import io.sparkgrad.dataset.Transforms;
import io.sparkgrad.random.Generator;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.StructType;

/**
 * Cells that hold an image: the bytes of a PNG, JPEG, GIF or BMP file, as Spark's source {@code
 * binaryFile} gives them, or the struct of its source {@code image}, whose pixels are blue, green,
 * red, line by line.
 */
final class ImageCells {
  private static final List<String> FIELDS =
      List.of("height", "width", "nChannels", "mode", "data");

  private ImageCells() {}

  static void checkType(SourceColumn source, Inputs.Input input) {
    boolean isStruct =
        source.type() instanceof StructType struct
            && Arrays.asList(struct.fieldNames()).containsAll(FIELDS);
    if (!isStruct && !(source.type() instanceof BinaryType))
      throw new IllegalArgumentException(
          "column '%s' of input '%s' is of type %s: an image is binary, as Spark's source binaryFile has it in 'content', or the struct 'image' of its source image"
              .formatted(source.name(), input.name(), source.typeText()));
  }

  /** Count of numbers that an image becomes. */
  static int width(Inputs.Input input) {
    return 3 * input.height() * input.width();
  }

  /**
   * The numbers of {@code [3, height, width]}, from 0 to 1.
   *
   * @throws IOException if the cell holds no image that can be read; the text says why
   */
  static float[] numbers(Object cell, Inputs.Input input) throws IOException {
    Tensor image = cell instanceof Row struct ? ofStruct(struct) : Images.decode((byte[]) cell);
    int[] shape = image.shape();
    if (shape[1] == input.height() && shape[2] == input.width()) return image.toFloats();
    return Transforms.resize(input.height(), input.width())
        .apply(image, Generator.current()) // from which a resize draws nothing
        .toFloats();
  }

  private static Tensor ofStruct(Row image) throws IOException {
    int height = image.getInt(image.fieldIndex("height"));
    int width = image.getInt(image.fieldIndex("width"));
    int channels = image.getInt(image.fieldIndex("nChannels"));
    byte[] data = image.getAs("data");
    boolean isKnown = channels == 1 || channels == 3 || channels == 4;
    if (!isKnown || height < 1 || width < 1 || data.length != (long) height * width * channels)
      throw new IOException(
          "image: %d x %d pixels of %d channels in %d bytes"
              .formatted(width, height, channels, data.length));
    int n = height * width;
    float[] numbers = new float[3 * n];
    for (int i = 0; i < n; i++)
      for (int c = 0; c < 3; c++) {
        int at = channels == 1 ? i : i * channels + 2 - c;
        numbers[c * n + i] = (data[at] & 0xff) / 255f;
      }
    return Tensor.of(numbers, 3, height, width);
  }
}
