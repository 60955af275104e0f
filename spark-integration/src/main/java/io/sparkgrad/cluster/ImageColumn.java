package io.sparkgrad.cluster;

import io.sparkgrad.cluster.ingest.Inputs.Input;
import io.sparkgrad.cluster.ingest.Inputs.Kind;
import java.io.Serializable;
import java.util.List;

/**
 * A column of images for {@link SparkTrainer#input(String, ImageColumn)}: the bytes of PNG, JPEG,
 * GIF or BMP files, as Spark's source {@code binaryFile} reads them, or the structs of its source
 * {@code image}. The executors decode them. Immutable.
 *
 * <pre>{@code
 * Dataset<Row> files = spark.read().format("binaryFile").load("photos");
 * .input("image", ImageColumn.of("content", 32, 32))   // float32 [rows, 3, 32, 32], from 0 to 1
 * }</pre>
 */
public final class ImageColumn implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST = 4096; // every row takes so much

  private final Input input; // its name is given with the input

  private ImageColumn(Input input) {
    this.input = input;
  }

  /**
   * A column; images of another size are resized.
   *
   * @param height of what the model gets, in pixels
   * @param width likewise
   */
  public static ImageColumn of(String column, int height, int width) {
    if (column == null) throw new IllegalArgumentException("the column of images is null");
    for (int size : new int[] {height, width})
      if (size < 1 || size > LONGEST)
        throw new IllegalArgumentException(
            "images are 1 to %d pixels high and wide, got %d x %d"
                .formatted(LONGEST, height, width));
    return new ImageColumn(new Input("image", Kind.IMAGE, List.of(column)).resized(height, width));
  }

  Input named(String name) {
    return input.named(name);
  }

  /** The column and its size, as {@code ImageColumn(content, resized to 32 x 32)}. */
  @Override
  public String toString() {
    return "ImageColumn(%s%s)".formatted(input.columns().get(0), input.treatment(", "));
  }
}
