package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.trained.TrainedModel;
import io.sparkgrad.dataset.Images;
import io.sparkgrad.nn.Flatten;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.optim.SGD;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Images as inputs: files' bytes and Spark's structs, decoded where the rows are. */
class ImageInputsTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  private static final int HEIGHT = 4;
  private static final int WIDTH = 6;

  @TempDir Path folder;

  /** Takes images alone. */
  private static final class Net extends Module {
    private static final long serialVersionUID = 1;
    private final Module layers = new Sequential(new Flatten(), new Linear(3 * HEIGHT * WIDTH, 2));

    @Override
    public Tensor forward(Tensor x) {
      assertArrayEquals(new int[] {3, HEIGHT, WIDTH}, Arrays.copyOfRange(x.shape(), 1, 4));
      return layers.forward(x);
    }
  }

  @Test
  void bytesAndStructsTrainAsTheirNumbers() throws IOException {
    Dataset<Row> files = files(12);
    String pixels =
        trainer(() -> new Sequential(new Linear(3 * HEIGHT * WIDTH, 2)))
            .features("pixels")
            .fit(files)
            .weightsSha256();
    TrainingResult bytes =
        trainer(Net::new).input("image", ImageColumn.of("content", HEIGHT, WIDTH)).fit(files);
    assertEquals(pixels, bytes.weightsSha256());
    Dataset<Row> structs =
        spark
            .session()
            .read()
            .format("image")
            .load(folder.toString())
            .withColumn("path", functions.col("image.origin"))
            .withColumn("label", label());
    assertEquals(
        pixels,
        trainer(Net::new)
            .input("image", ImageColumn.of("image", HEIGHT, WIDTH))
            .fit(structs)
            .weightsSha256());

    String saved = folder.resolve("saved").toString();
    bytes.save(saved);
    TrainedModel read = TrainedModel.load(Net::new, saved);
    assertEquals(bytes.trained().facts().toString(), read.facts().toString());
    assertEquals(
        bytes.predict(files).select("prediction").collectAsList(),
        read.predict(files).select("prediction").collectAsList());
  }

  @Test
  void imagesOfOtherSizesAreResized() throws IOException {
    Dataset<Row> files = files(4);
    TrainingResult result =
        trainer(() -> new Sequential(new Flatten(), new Linear(3 * 2 * 2, 2)))
            .input("image", ImageColumn.of("content", 2, 2))
            .fit(files);
    assertArrayEquals(new int[] {2, 12}, result.model().stateDict().get("1.weight").shape());
  }

  @Test
  void whatIsNoImageIsNamedOrLeftOut() throws IOException {
    Dataset<Row> files = files(4);
    Files.writeString(folder.resolve("2.png"), "no image");
    SparkTrainer trainer =
        trainer(Net::new).input("image", ImageColumn.of("content", HEIGHT, WIDTH));
    var e = assertThrows(IllegalArgumentException.class, () -> trainer.fit(files));
    assertTrue(
        e.getMessage()
            .contains(
                "column 'content' (image: no image that can be read: it is neither PNG nor JPEG, GIF or BMP; it has 8 bytes) in row 2 "),
        e.getMessage());
    assertEquals(1, trainer.handleInvalid("skip").fit(files).skippedRows());
  }

  @Test
  void columnsOfOtherTypesAndSizesAreRefused() throws IOException {
    Dataset<Row> files = files(1);
    SparkTrainer trainer = trainer(Net::new).input("image", ImageColumn.of("path", HEIGHT, WIDTH));
    var type = assertThrows(IllegalArgumentException.class, () -> trainer.fit(files));
    assertEquals(
        "column 'path' of input 'image' is of type string: an image is binary, as Spark's source binaryFile has it in 'content', or the struct 'image' of its source image",
        type.getMessage());
    var size = assertThrows(IllegalArgumentException.class, () -> ImageColumn.of("content", 0, 9));
    assertEquals("images are 1 to 4096 pixels high and wide, got 0 x 9", size.getMessage());
  }

  private static SparkTrainer trainer(ModelSupplier model) {
    return SparkTrainer.of(model)
        .loss(Losses::crossEntropy)
        .optimizer(new SGD(0.1))
        .label("label")
        .rowOrder("path")
        .batchSize(4)
        .epochs(2)
        .workers(2);
  }

  private static Column label() {
    return functions.length(functions.col("path")).mod(2).cast("int");
  }

  /** Files by Spark's source, with their label, and the numbers of their pixels. */
  private Dataset<Row> files(int n) throws IOException {
    Random random = new Random(n);
    List<Row> pixels = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
      for (int p = 0; p < WIDTH * HEIGHT; p++)
        image.setRGB(p % WIDTH, p / WIDTH, random.nextInt(1 << 24));
      ByteArrayOutputStream png = new ByteArrayOutputStream();
      ImageIO.write(image, "png", png);
      Files.write(folder.resolve(i + ".png"), png.toByteArray());
      pixels.add(RowFactory.create(i + ".png", Images.tensor(image).toFloats()));
    }
    StructType schema =
        new StructType()
            .add("name", DataTypes.StringType)
            .add("pixels", DataTypes.createArrayType(DataTypes.FloatType, false));
    return spark
        .session()
        .read()
        .format("binaryFile")
        .load(folder.toString())
        .withColumn("label", label())
        .withColumn("name", functions.element_at(functions.split(functions.col("path"), "/"), -1))
        .join(spark.session().createDataFrame(pixels, schema), "name");
  }
}
